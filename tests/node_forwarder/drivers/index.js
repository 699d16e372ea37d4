// Which driver decodes which model, and what decoding adds to an uplink.

import { decode as elsys } from './elsys.js'

const DRIVERS = { 'elsys:ers': { decode: elsys, port: 5 } }
const EVEN_HEX = /^(?:[0-9a-f]{2})+$/i

/** The members that a driver adds under the root, as [[key, JSON text], ...]; none where there is no driver. */
export function decoded(document) {
  const model = ['pId', 'mId'].map((id) => document.field('DriverCfg', 'mod', id)?.toLowerCase()).join(':')
  const hex = document.field('payload_hex')
  const driver = Object.hasOwn(DRIVERS, model) ? DRIVERS[model] : undefined
  if (!document.isUplink || !driver || !hex) return []
  try {
    if (!EVEN_HEX.test(hex)) throw new Error('payload_hex is not made of pairs of hexadecimal digits')
    if (Number(document.field('FPort')) !== driver.port) throw new Error(`FPort ${document.field('FPort')} is not decoded`)
    return [['payload', JSON.stringify(driver.decode(Buffer.from(hex, 'hex')))]]
  } catch (error) {
    return [['payloadDecodedError', JSON.stringify({ code: 'com-5002', message: error.message })]]
  }
}
