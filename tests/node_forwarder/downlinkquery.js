// A DevEUI_downlink: checked field by field, and as parameters of the network server.

import { Document } from './document.js'
import { scalar } from './jsontext.js'
import { invalid, Problem } from './problem.js'

const DEV_EUI = /^[0-9a-f]{16}$/i
const EVEN_HEX = /^(?:[0-9a-f]{2})*$/i
const WHOLE = /^-?\d+$/ // as a number or as a text: documents write numbers in both ways

/** The document; throws the Problem that refuses what is none. */
export function downlinkOf(text) {
  let downlink
  try {
    downlink = new Document(text)
  } catch {
    throw new Problem(400, 'com-400', 'the body is no JSON', 'body')
  }
  if (downlink.name !== 'DevEUI_downlink') throw invalid('DevEUI_downlink', 'must be the root, and an object')
  return downlink
}

/** [[parameter, text or undefined], ...] without AS_ID and Time; throws the Problem that refuses the downlink. */
export function queryOf(downlink, downlinkPort, bound) {
  const given = downlink.root.members
  const devEui = textOf(given, 'DevEUI', 'string')
  if (devEui === undefined) throw invalid('DevEUI', 'is missing')
  if (!DEV_EUI.test(devEui)) throw invalid('DevEUI', 'must be 16 hexadecimal digits')
  const confirmed = flagOf(given, 'Confirmed')
  const flush = flagOf(given, 'FlushDownlinkQueue')
  const payload = payloadOf(given, flush === '1')
  const port = portOf(given, downlinkPort, payload === undefined)
  const validity = textOf(given, 'ValidityTime', 'string', 'number')
  const correlation = textOf(given, 'CorrelationID', 'string', 'number')
  if (!bound(devEui.toUpperCase())) throw new Problem(403, 'com-403', 'DevEUI is not bound here', 'DevEUI')
  return [
    ['DevEUI', devEui],
    ['FPort', port],
    ['Payload', payload],
    ['Confirmed', confirmed],
    ['FlushDownlinkQueue', flush],
    ['ValidityTime', validity],
    ['CorrelationID', correlation],
  ]
}

/** The text of a field that is there; refuses a value of another type. */
function textOf(given, name, ...types) {
  const node = given.get(name)
  if (node !== undefined && !types.includes(node.type)) throw invalid(name, `must be a ${types.join(' or a ')}`)
  return scalar(node)
}

function flagOf(given, name) {
  const value = textOf(given, name, 'number', 'string')
  if (value !== undefined && value !== '0' && value !== '1') throw invalid(name, 'must be 0 or 1')
  return value
}

function payloadOf(given, mayBeMissing) {
  const hex = textOf(given, 'payload_hex', 'string')
  if (hex !== undefined && given.has('payload')) throw invalid('payload_hex', 'and payload exclude each other')
  if (given.has('payload')) throw invalid('payload', 'cannot be encoded: no driver of this device encodes')
  if (!hex) {
    if (mayBeMissing) return undefined
    throw invalid('payload_hex', 'is missing')
  }
  if (!EVEN_HEX.test(hex)) throw invalid('payload_hex', 'must be pairs of hexadecimal digits')
  return hex
}

function portOf(given, downlinkPort, mayBeMissing) {
  const port = textOf(given, 'FPort', 'number', 'string')
  if (port !== undefined && !WHOLE.test(port)) throw invalid('FPort', 'must be a whole number')
  if (Number(port) >= 1 && Number(port) <= 224) return port
  if (port === undefined && downlinkPort !== undefined) return String(downlinkPort)
  if (port === undefined && mayBeMissing) return undefined
  throw invalid('FPort', 'must be 1 to 224')
}
