// Which driver decodes which model, and what decoding adds to an uplink.

import { decode as elsys } from './elsys.js'

// By the application that DriverCfg names, its version included; `id` is that of the driver in the public catalogue.
const DRIVERS = { 'elsys:generic:1': { decode: elsys, port: 5 }, 'elsys:ers:1': { decode: elsys, port: 5 } }
const EVEN_HEX = /^\s*(?:[0-9a-f]{2}\s*)+$/i

/** The members that a driver adds under the root, as [[key, JSON text], ...]; none where there is no driver. */
export function decoded(document) {
  const named = document.field('DriverCfg', 'app', 'mId') === undefined ? 'mod' : 'app'
  const model = ['pId', 'mId', 'ver'].map((id) => document.field('DriverCfg', named, id)?.toLowerCase() ?? '1').join(':')
  const hex = document.field('payload_hex')
  const driver = Object.hasOwn(DRIVERS, model) ? DRIVERS[model] : undefined
  if (!document.isUplink || !driver || !hex) return []
  try {
    if (!EVEN_HEX.test(hex)) throw new Error('payload_hex is not made of pairs of hexadecimal digits')
    if (Number(document.field('FPort')) !== driver.port) throw new Error(`FPort ${document.field('FPort')} is not decoded`)
    return [['payload', JSON.stringify(driver.decode(Buffer.from(hex.replace(/\s/g, ''), 'hex')))]]
  } catch (error) {
    return [['payloadDecodedError', JSON.stringify({ code: 'com-5002', message: error.message })]]
  }
}
