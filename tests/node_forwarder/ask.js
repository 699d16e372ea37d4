// A user's own commands: connections, bindings and uplinks for the lab, where it may not ask the API itself.
// node ask.js connect|disconnect|bind|uplink, JSON on stdin, JSON on stdout; the environment says where to ask.

import { text } from 'node:stream/consumers'

const { UPLAB_API: api, UPLAB_INGRESS: ingress, UPLAB_UPLINK_QUERY: query } = process.env
const HOW = {
  connect: () => ['POST', `${api}/connections`],
  disconnect: ({ id }) => ['DELETE', `${api}/connections/${id}`],
  bind: () => ['POST', `${api}/flows`],
  uplink: () => ['POST', `${ingress}?${query}`],
}

const given = await text(process.stdin)
const [method, url] = HOW[process.argv[2]](JSON.parse(given))
const body = method === 'POST' ? given : undefined
const answer = await fetch(url, { method, body, headers: { 'Content-Type': 'application/json' } })
const said = await answer.text()
process[answer.ok ? 'stdout' : 'stderr'].write(`${said}\n`)
process.exitCode = answer.ok ? 0 : 1
