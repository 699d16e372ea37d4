// The headers of a delivery: what the connection configured, its patterns replaced for each document.

import { validateHeaderName } from 'node:http'

import { Dropped } from './outbox.js'

const PATTERN = /\{([\w-]+(?:\.[\w-]+)*)\}/g // {DevEUI}, {DriverCfg.mod.pId}
const FRAMING = new Set(
  'connection content-length expect host keep-alive te trailer transfer-encoding upgrade'.split(' '),
)
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/

/** Why a header cannot be sent as configured; undefined where it can. */
export function headerProblem(name, value) {
  if (typeof value !== 'string') return 'must be a text'
  if (FRAMING.has(name.toLowerCase())) return 'belongs to the transport and cannot be configured'
  if (CONTROL.test(value)) return 'must not contain control characters'
  if (/^[ \t]|[ \t]$/.test(value)) return 'must not begin or end with a blank'
  if (/[{}]/.test(value.replace(PATTERN, ''))) return 'has braces around what is no path'
  try {
    validateHeaderName(name)
  } catch {
    return 'is not a header name'
  }
  return undefined
}

/** The value with its patterns replaced; throws Dropped where one finds nothing that a header can carry. */
function rendered(name, template, document) {
  const value = template.replace(PATTERN, (pattern, path) => {
    const found = document.resolve(path)
    if (found === undefined) throw new Dropped(`the pattern ${pattern} of the header ${name} finds nothing`)
    if (CONTROL.test(found)) throw new Dropped(`what ${pattern} finds fits into no header ${name}`)
    return found
  })
  return Buffer.from(value, 'utf8').toString('latin1') // the wire carries bytes: UTF-8
}

/** {name: value} for one delivery. A configured Content-Type takes the place of ours. */
export function headersOf(configured, document) {
  const headers = new Map([['content-type', ['Content-Type', 'application/json']]])
  for (const [name, template] of Object.entries(configured)) {
    headers.set(name.toLowerCase(), [name, rendered(name, template, document)])
  }
  return Object.fromEntries(headers.values())
}
