// Downlinks: what comes from an application, checked, and handed on to the network server with the token.

import { downlinkPortOf } from './configuration.js'
import { Document } from './document.js'
import { scalar } from './jsontext.js'
import { invalid, Problem } from './problem.js'
import { sign } from './token.js'

const DEV_EUI = /^[0-9a-f]{16}$/i
const EVEN_HEX = /^(?:[0-9a-f]{2})*$/i
const TIMEOUT_MS = 10_000

const FLAGS = { 0: '0', 1: '1', false: '0', true: '1' }

export class Downlinks {
  constructor({ dialer, networkUrl, asId, asKey }) {
    Object.assign(this, { dialer, networkUrl, asId, asKey })
    this.agents = dialer.agents(16)
  }

  /** Resolves when the network server took it; `bound` tells whether a device is the connection's. */
  async submit(connection, text, bound) {
    const query = queryOf(readDownlink(text), downlinkPortOf(connection.body), bound)
    const signed = [
      ...query.slice(0, 3),
      ['AS_ID', this.asId],
      ['Time', new Date().toISOString().replace('Z', '+00:00')],
      ...query.slice(3),
    ].filter(([, value]) => value !== undefined)
    await this.#send([...signed, ['Token', sign('', signed, this.asKey)]])
  }

  async #send(query) {
    const encoded = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
    const url = new URL(`${this.networkUrl}/thingpark/lrc/rest/downlink?${encoded}`)
    const request = { method: 'POST', headers: {}, body: Buffer.alloc(0), agents: this.agents, timeoutMs: TIMEOUT_MS }
    const answer = await this.dialer.request(url, request).catch(() => {
      throw new Problem(503, 'com-503', 'the network server cannot be reached')
    })
    if (answer.status === 200) return
    const cause = answer.text.trim()
    if (answer.status === 350) throw new Problem(422, 'com-350', `the network server rejected it: ${cause}`)
    throw new Problem(502, 'com-502', `the network server answered ${answer.status}`)
  }
}

function readDownlink(text) {
  let downlink
  try {
    downlink = new Document(text)
  } catch {
    throw new Problem(400, 'com-400', 'the body is no JSON')
  }
  if (downlink.name !== 'DevEUI_downlink') throw invalid('DevEUI_downlink', 'is missing')
  return downlink
}

/** [[parameter, text or undefined], ...] without AS_ID and Time; throws the Problem that refuses the downlink. */
function queryOf(downlink, downlinkPort, bound) {
  const devEui = downlink.field('DevEUI')
  if (devEui === undefined) throw invalid('DevEUI', 'is missing')
  if (!DEV_EUI.test(devEui)) throw invalid('DevEUI', 'must be 16 hexadecimal digits')
  const flush = flagOf(downlink, 'FlushDownlinkQueue')
  const payload = payloadOf(downlink, flush === '1')
  const port = portOf(downlink, downlinkPort, payload === undefined)
  if (!bound(devEui.toUpperCase())) throw new Problem(403, 'com-403', 'DevEUI is not bound here', 'DevEUI')
  return [
    ['DevEUI', devEui],
    ['FPort', port],
    ['Payload', payload],
    ['Confirmed', flagOf(downlink, 'Confirmed')],
    ['FlushDownlinkQueue', flush],
    ['ValidityTime', downlink.field('ValidityTime')],
    ['CorrelationID', downlink.field('CorrelationID')],
  ]
}

function flagOf(downlink, name) {
  const node = downlink.root.members.get(name)
  if (node === undefined || node.type === 'null') return undefined
  const given = scalar(node)
  if (given === undefined || !Object.hasOwn(FLAGS, given)) throw invalid(name, 'must be 0 or 1')
  return FLAGS[given]
}

function payloadOf(downlink, mayBeMissing) {
  const hex = downlink.root.members.get('payload_hex')
  const readable = downlink.root.members.get('payload')
  const given = (node) => node !== undefined && node.type !== 'null'
  if (given(hex) && given(readable)) throw invalid('payload_hex', 'and payload exclude each other')
  if (given(readable)) throw invalid('payload', 'cannot be encoded: no driver of this device encodes; give payload_hex')
  if (!given(hex) || hex.value === '') {
    if (mayBeMissing) return undefined
    throw invalid('payload_hex', 'is missing')
  }
  const isHex = hex.type === 'string' && EVEN_HEX.test(hex.value)
  if (!isHex) throw invalid('payload_hex', 'must be pairs of hexadecimal digits')
  return hex.value
}

function portOf(downlink, downlinkPort, mayBeMissing) {
  const given = downlink.field('FPort')
  if (given !== undefined && /^\d{1,3}$/.test(given) && Number(given) >= 1 && Number(given) <= 224) return given
  if (downlinkPort !== undefined) return String(downlinkPort)
  if (given === undefined && mayBeMissing) return undefined
  throw invalid('FPort', 'must be 1 to 224')
}
