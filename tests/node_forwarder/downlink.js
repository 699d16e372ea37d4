// Downlinks: what comes from an application, handed on to the network server with the token.

import { Document } from './document.js'
import { downlinkOf, queryOf } from './downlinkquery.js'
import { Problem } from './problem.js'
import { sign } from './token.js'

const TIMEOUT_MS = 10_000

export class Downlinks {
  constructor({ dialer, networkUrl, asId, asKey }) {
    Object.assign(this, { dialer, networkUrl, asId, asKey })
    this.agents = dialer.agents(16)
  }

  /**
   * Resolves when the network server answered: {rejected} holds the cause where it did not take the downlink, and
   * the connection then delivers it. Throws the Problem that refuses it. `bound` tells whether a device is the
   * connection's.
   */
  async submit(connection, text, bound) {
    const { downlinkEnabled, downlinkPort, downlinkAsId, downlinkAsKey } = connection.body.configuration
    if (downlinkEnabled === false) throw new Problem(403, 'com-403', 'downlinkEnabled is false', 'downlinkEnabled')
    const downlink = downlinkOf(text)
    const query = queryOf(downlink, downlinkPort, bound)
    const signed = [
      ...query.slice(0, 3),
      ['AS_ID', downlinkAsId ?? this.asId],
      ['Time', now()],
      ...query.slice(3),
    ].filter(([, value]) => value !== undefined)
    const token = sign('', signed, downlinkAsKey ?? this.asKey)
    const rejected = await this.#send([...signed, ['Token', token]])
    if (rejected !== undefined) connection.deliver(rejection(Object.fromEntries(signed), rejected))
    return { rejected }
  }

  /** Resolves with the cause where the network server rejected it, with undefined where it took it. */
  async #send(query) {
    const encoded = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
    const url = new URL(`${this.networkUrl}/thingpark/lrc/rest/downlink?${encoded}`)
    const request = { method: 'POST', headers: {}, body: Buffer.alloc(0), agents: this.agents, timeoutMs: TIMEOUT_MS }
    const answer = await this.dialer.request(url, request).catch(() => {
      throw new Problem(503, 'com-503', 'the network server cannot be reached')
    })
    if (answer.status === 200) return undefined
    if (answer.status === 350) return answer.text.trim()
    throw new Problem(502, 'com-502', `the network server answered ${answer.status}`)
  }
}

const now = () => new Date().toISOString().replace('Z', '+00:00')

/** The document that tells of a downlink that the network server did not take. */
function rejection({ DevEUI, FPort, CorrelationID }, cause) {
  const report = {
    Time: now(),
    DevEUI,
    FPort: FPort && Number(FPort),
    DownlinkRejectionCause: cause,
    CorrelationID,
  }
  return new Document(JSON.stringify({ DevEUI_downlink_Rejected: report }))
}
