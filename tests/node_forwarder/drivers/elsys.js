// Elsys: type byte, then that type's value, big endian. The ERS uses the first few; the family shares the table.

const round = (value, digits) => Number(value.toFixed(digits))
const tenth = (bytes, at) => round(bytes.readInt16BE(at) / 10, 1)

const TYPES = {
  0x01: [2, (b, at) => ({ temperature: tenth(b, at) })],
  0x02: [1, (b, at) => ({ humidity: b.readUInt8(at) })],
  0x03: [3, (b, at) => ({ x: b.readInt8(at), y: b.readInt8(at + 1), z: b.readInt8(at + 2) })],
  0x04: [2, (b, at) => ({ light: b.readUInt16BE(at) })],
  0x05: [1, (b, at) => ({ motion: b.readUInt8(at) })],
  0x06: [2, (b, at) => ({ co2: b.readUInt16BE(at) })],
  0x07: [2, (b, at) => ({ vdd: b.readUInt16BE(at) })],
  0x08: [2, (b, at) => ({ analog1: b.readUInt16BE(at) })],
  0x09: [6, (b, at) => ({ lat: round(b.readIntBE(at, 3) / 10000, 4), long: round(b.readIntBE(at + 3, 3) / 10000, 4) })],
  0x0a: [2, (b, at) => ({ pulse1: b.readUInt16BE(at) })],
  0x0b: [4, (b, at) => ({ pulseAbs: b.readUInt32BE(at) })],
  0x0c: [2, (b, at) => ({ externalTemperature: tenth(b, at) })],
  0x0d: [1, (b, at) => ({ digital: b.readUInt8(at) })],
  0x0e: [2, (b, at) => ({ distance: b.readUInt16BE(at) })],
  0x0f: [1, (b, at) => ({ accMotion: b.readUInt8(at) })],
  0x10: [4, (b, at) => ({ irInternalTemperature: tenth(b, at), irExternalTemperature: tenth(b, at + 2) })],
  0x11: [1, (b, at) => ({ occupancy: b.readUInt8(at) })],
  0x12: [1, (b, at) => ({ waterleak: b.readUInt8(at) })],
  0x14: [4, (b, at) => ({ pressure: round(b.readUInt32BE(at) / 1000, 3) })],
  0x15: [2, (b, at) => ({ soundPeak: b.readUInt8(at), soundAvg: b.readUInt8(at + 1) })],
  0x16: [2, (b, at) => ({ pulse2: b.readUInt16BE(at) })],
  0x17: [4, (b, at) => ({ pulseAbs2: b.readUInt32BE(at) })],
  0x18: [2, (b, at) => ({ analog2: b.readUInt16BE(at) })],
  0x19: [2, (b, at) => ({ externalTemperature2: tenth(b, at) })],
  0x1a: [1, (b, at) => ({ digital2: b.readUInt8(at) })],
  0x1b: [4, (b, at) => ({ analogUv: b.readInt32BE(at) })],
  0x1c: [2, (b, at) => ({ tvoc: b.readUInt16BE(at) })],
}

/** Throws an Error that says what is wrong with the bytes. */
export function decode(bytes) {
  const values = {}
  let at = 0
  while (at < bytes.length) {
    const type = bytes[at]
    if (!(type in TYPES)) throw new Error(`unknown type 0x${type.toString(16).padStart(2, '0')} at byte ${at}`)
    const [length, read] = TYPES[type]
    if (at + 1 + length > bytes.length) throw new Error(`the value that begins at byte ${at} is cut off`)
    Object.assign(values, read(bytes, at + 1))
    at += 1 + length
  }
  return values
}
