// What a codec finds around it: the modules of its own package, Buffer as far as bytes are read and written with it, a
// console that says nothing, and a clock that stands at the time of reception. Evaluates to the one function that loads
// and asks a codec; what a codec does to its globals changes nothing of it.
;(() => {
  'use strict'
  const { parse, stringify } = JSON
  const Moment = Date
  let nowMs = 0

  globalThis.Date = new Proxy(Moment, {
    construct: (target, given, made) => Reflect.construct(target, given.length ? given : [nowMs], made),
    apply: () => new Moment(nowMs).toString(),
    get: (target, name) => (name === 'now' ? () => nowMs : Reflect.get(target, name)),
  })
  for (const form of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) {
    const written = Moment.prototype[form]
    // The hour, the month and the day of en-US are written without a zero before them.
    Moment.prototype[form] = function () {
      return written.call(this).replace(/\b0([0-9])(?=[/]|:[0-9]{2}:[0-9]{2} )/g, '$1')
    }
  }
  const quiet = () => {}
  globalThis.console = { log: quiet, info: quiet, warn: quiet, error: quiet, debug: quiet, trace: quiet }

  // --- bytes as Node has them

  const SIXTY_FOUR = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const ofText = {
    hex: (text) => (text.match(/^(?:[0-9a-f]{2})*/i)[0].match(/../g) || []).map((two) => parseInt(two, 16)),
    base64(text) {
      const digits = Array.from(text.replace(/-/g, '+').replace(/_/g, '/')).map((one) => SIXTY_FOUR.indexOf(one))
      const known = digits.filter((digit) => digit >= 0)
      const bits = known.map((digit) => digit.toString(2).padStart(6, '0')).join('')
      return (bits.match(/.{8}/g) || []).map((eight) => parseInt(eight, 2))
    },
    latin1: (text) => Array.from(text).map((one) => one.charCodeAt(0) & 255),
    utf8: (text) => ofText.latin1(unescape(encodeURIComponent(text))),
  }
  ofText.ascii = ofText.binary = ofText.latin1
  const toText = {
    hex: (bytes) => bytes.map((one) => one.toString(16).padStart(2, '0')).join(''),
    base64(bytes) {
      const bits = bytes.map((one) => one.toString(2).padStart(8, '0')).join('')
      const digits = (bits.match(/.{1,6}/g) || []).map((six) => SIXTY_FOUR[parseInt(six.padEnd(6, '0'), 2)]).join('')
      return digits.padEnd(Math.ceil(digits.length / 4) * 4, '=')
    },
    latin1: (bytes) => bytes.map((one) => String.fromCharCode(one)).join(''),
    utf8(bytes) {
      const text = toText.latin1(bytes)
      try {
        return decodeURIComponent(escape(text))
      } catch {
        return text
      }
    },
  }
  toText.ascii = toText.binary = toText.latin1
  globalThis.atob = (text) => toText.latin1(ofText.base64(String(text)))
  globalThis.btoa = (text) => toText.base64(ofText.latin1(String(text)))

  class Buffer extends Uint8Array {
    static from(given, how) {
      if (typeof given === 'string') return new Buffer((ofText[how] || ofText.utf8)(given))
      return given instanceof ArrayBuffer ? new Buffer(given) : new Buffer(Array.from(given, Number))
    }
    static alloc(length, filled = 0) {
      return new Buffer(length).fill(filled)
    }
    static allocUnsafe(length) {
      return new Buffer(length)
    }
    static isBuffer(one) {
      return one instanceof Buffer
    }
    static concat(parts) {
      return Buffer.from([].concat(...parts.map((part) => Array.from(part))))
    }
    static byteLength(text) {
      return ofText.utf8(text).length
    }
    slice(from, to) {
      return this.subarray(from, to)
    }
    equals(other) {
      return this.length === other.length && this.every((one, at) => one === other[at])
    }
    toString(how, from = 0, to = this.length) {
      return (toText[how] || toText.utf8)(Array.from(this.subarray(from, to)))
    }
    part(at, size) {
      if (!(at >= 0 && at + size <= this.length)) throw new RangeError('a read beyond the bytes that there are')
      return Array.from(this.subarray(at, at + size))
    }
    readUIntLE(at, size) {
      return this.part(at, size).reduceRight((sum, one) => sum * 256 + one, 0)
    }
    readUIntBE(at, size) {
      return this.part(at, size).reduce((sum, one) => sum * 256 + one, 0)
    }
    readIntLE(at, size) {
      const value = this.readUIntLE(at, size)
      return value < 2 ** (8 * size - 1) ? value : value - 2 ** (8 * size)
    }
    readIntBE(at, size) {
      const value = this.readUIntBE(at, size)
      return value < 2 ** (8 * size - 1) ? value : value - 2 ** (8 * size)
    }
    writeUIntLE(value, at, size) {
      for (let index = 0; index < size; index += 1) this[at + index] = Math.floor(value / 256 ** index)
      return at + size
    }
    writeUIntBE(value, at, size) {
      for (let index = 0; index < size; index += 1) this[at + index] = Math.floor(value / 256 ** (size - 1 - index))
      return at + size
    }
  }
  for (const name of ['readUIntLE', 'readUIntBE', 'writeUIntLE', 'writeUIntBE']) {
    Buffer.prototype[name.replace('UI', 'Ui')] = Buffer.prototype[name]
  }
  Buffer.prototype.writeIntLE = Buffer.prototype.writeUIntLE
  Buffer.prototype.writeIntBE = Buffer.prototype.writeUIntBE
  // As Node calls it, as DataView does, and how many bytes it has.
  const KINDS = [
    ['Int8', 'Int8', 1], ['UInt8', 'Uint8', 1], ['Int16', 'Int16', 2], ['UInt16', 'Uint16', 2],
    ['Int32', 'Int32', 4], ['UInt32', 'Uint32', 4], ['Float', 'Float32', 4], ['Double', 'Float64', 8],
  ]
  const view = (buffer) => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  for (const order of ['LE', 'BE']) {
    for (const [kind, method, size] of KINDS) {
      const read = function (at = 0) {
        return view(this)[`get${method}`](at, order === 'LE')
      }
      const write = function (value, at = 0) {
        view(this)[`set${method}`](at, value, order === 'LE')
        return at + size
      }
      for (const name of [kind, kind.replace('UI', 'Ui')]) {
        Buffer.prototype[`read${name}${size > 1 ? order : ''}`] = read
        Buffer.prototype[`write${name}${size > 1 ? order : ''}`] = write
      }
    }
  }
  globalThis.Buffer = Buffer

  // --- ES modules, whose statements are told line by line in the words of the modules below

  const STATEMENT = /^\s*(?:import|export)(?=[\s{*'"])/
  const IMPORT = /^\s*import\s*(.*?)\s*(?:\bfrom\s*)?(['"])([^'"]+)\2\s*;?\s*$/
  const DECLARED = /^((?:async\s+)?function\s*\*?|class|const|let|var)\s+([\w$]+)/
  const imported = (what, from) => {
    const asked = `require(${stringify(from)})`
    if (what === '') return asked
    if (what[0] === '*') return `const ${what.split(/\s+/).pop()} = ${asked}`
    const both = /^([\w$]+)\s*,\s*(\{.*)$/.exec(what)
    if (both !== null) return `${imported(both[1], from)}; ${imported(both[2], from)}`
    if (what[0] === '{') return `const ${what.replace(/\s+as\s+/g, ': ')} = ${asked}`
    return `const ${what} = ${asked}.default || ${asked}`
  }
  const exported = (what, after) => {
    if (what[0] === '{') {
      for (const one of what.replace(/[{};]/g, '').split(',')) {
        const [own, name] = one.trim().split(/\s+as\s+/)
        if (own) after.push(`exports[${stringify(name || own)}] = ${own}`)
      }
      return ''
    }
    const standard = /^default\s+/.test(what)
    const rest = standard ? what.replace(/^default\s+/, '') : what
    const declared = DECLARED.exec(rest)
    if (declared === null) return `exports.default = ${rest}`
    after.push(`exports[${stringify(standard ? 'default' : declared[2])}] = ${declared[2]}`)
    return rest
  }
  const withoutModules = (source) => {
    const lines = source.replace(/^\uFEFF?#!.*/, '').split('\n')
    if (!lines.some((line) => STATEMENT.test(line))) return lines.join('\n')
    const after = []
    const told = lines.map((line) => {
      if (!STATEMENT.test(line)) return line
      const found = IMPORT.exec(line)
      if (found !== null) return imported(found[1], found[3])
      return /^\s*export/.test(line) ? exported(line.replace(/^\s*export\s*/, ''), after) : line
    })
    return `${told.join('\n')}\n;${after.join(';')}`
  }

  // --- the package's own modules, as Node's packages write them

  const FUNCTIONS = ['decodeUplink', 'encodeDownlink', 'decodeDownlink', 'extractPoints']
  const sources = new Map()
  const loaded = new Map()
  const resolved = (folder, name) => {
    const parts = []
    for (const part of `${folder}/${name}`.split('/')) {
      if (part === '..') parts.pop()
      else if (part && part !== '.') parts.push(part)
    }
    const path = parts.join('/')
    return [path, `${path}.js`, `${path}.json`, `${path}/index.js`].find((one) => sources.has(one))
  }
  const module = (path) => {
    if (loaded.has(path)) return loaded.get(path).exports
    const made = { exports: {} }
    loaded.set(path, made)
    if (path.endsWith('.json')) return (made.exports = parse(sources.get(path)))
    const folder = path.split('/').slice(0, -1).join('/')
    const require = (name) => {
      if (/^(node:)?buffer\/?$/.test(name)) return { Buffer }
      const found = /^\.{1,2}(\/|$)/.test(name) ? resolved(folder, name) : undefined
      if (found === undefined) throw new Error(`there is no module ${name}`)
      return module(found)
    }
    const declared = FUNCTIONS.map((name) => `typeof ${name} === 'function' ? ${name} : undefined`).join(', ')
    const last = `\n;return [${declared}, typeof driver === 'object' ? driver : undefined, typeof Decoder === 'function' ? Decoder : undefined]`
    const told = new Function('exports', 'module', 'require', withoutModules(sources.get(path)) + last)
    const found = told.call(made.exports, made.exports, made, require)
    // Packers leave `var driver = {...}`, ES modules an object as their default.
    const packed = found[FUNCTIONS.length] || (made.exports && made.exports.default) || {}
    FUNCTIONS.forEach((name, at) => {
      const one = found[at] || packed[name]
      if (one && made.exports && typeof made.exports[name] !== 'function') made.exports[name] = one
    })
    const older = found[FUNCTIONS.length + 1] // The Things Stack's older form, which gives the object alone
    if (older && made.exports && typeof made.exports.decodeUplink !== 'function') {
      made.exports.decodeUplink = (input) => ({ data: older(input.bytes, input.fPort) })
    }
    return made.exports
  }

  let codec
  const load = (text, main) => {
    for (const [path, source] of Object.entries(parse(text))) sources.set(path, source)
    codec = module(main)
    if (typeof (codec && codec.decodeUplink) !== 'function') throw new Error('it has no function decodeUplink')
    return 'null'
  }
  const call = (name, text, timeMs) => {
    nowMs = timeMs
    if (typeof codec[name] !== 'function') return 'null'
    const given = parse(text)
    for (const member of ['time', 'recvTime']) if (member in given) given[member] = new Moment(given[member])
    const value = codec[name](given)
    if (value && typeof value.then === 'function') throw new Error('it answers with a promise, and nobody waits')
    const told = stringify(value)
    return told === undefined ? 'null' : told
  }
  return (what, ...given) => (what === 'load' ? load : call)(...given)
})()
