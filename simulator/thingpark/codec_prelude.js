// What a codec may expect of its surroundings: modules of its own package, Buffer as far as codecs read and write
// bytes with it, a console that says nothing, and a clock that stands where the caller set it. No files, no network.
;(() => {
  const { parse, stringify } = JSON // a codec may put others in their place
  const RealDate = Date
  let now = 0
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given, made) => Reflect.construct(target, given.length === 0 ? [now] : given, made),
    apply: () => new RealDate(now).toString(),
    get: (target, name) => (name === 'now' ? () => now : Reflect.get(target, name)),
  })
  globalThis.__setNow = (ms) => {
    now = ms
  }

  // In the United States a date has no leading zeros, and codecs are written against engines that know so.
  for (const which of ['toLocaleString', 'toLocaleDateString', 'toLocaleTimeString']) {
    const told = RealDate.prototype[which]
    RealDate.prototype[which] = function () {
      return told.call(this).replace(/(^|[ /])0(?=[0-9][/:])/g, '$1')
    }
  }

  const silent = () => undefined
  globalThis.console = { log: silent, info: silent, warn: silent, error: silent, debug: silent, trace: silent }

  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const toBase64 = (bytes) => {
    let text = ''
    for (let at = 0; at < bytes.length; at += 3) {
      const [a, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]]
      text += ALPHABET[a >> 2] + ALPHABET[((a & 3) << 4) | ((b ?? 0) >> 4)]
      text += b === undefined ? '=' : ALPHABET[((b & 15) << 2) | ((c ?? 0) >> 6)]
      text += c === undefined ? '=' : ALPHABET[c & 63]
    }
    return text
  }
  const fromBase64 = (text) => {
    const bytes = []
    let bits = 0
    let held = 0
    for (const one of text.replace(/-/g, '+').replace(/_/g, '/')) {
      const value = ALPHABET.indexOf(one)
      if (value < 0) continue
      held = ((held << 6) | value) & 0xffffff
      bits += 6
      if (bits >= 8) bytes.push((held >> (bits -= 8)) & 255)
    }
    return bytes
  }
  const latin = (text) => Array.from(text, (one) => one.charCodeAt(0) & 255)
  const utf8 = (text) => latin(unescape(encodeURIComponent(text)))
  const hex = (text) => (text.match(/[0-9a-fA-F]{2}/g) ?? []).map((pair) => parseInt(pair, 16))
  const READ = { hex, base64: fromBase64, latin1: latin, binary: latin, ascii: latin }

  globalThis.btoa = (text) => toBase64(latin(text))
  globalThis.atob = (text) => String.fromCharCode(...fromBase64(text))

  class Buffer extends Uint8Array {
    static from(given, encoding) {
      if (typeof given === 'string') return new Buffer((READ[encoding] ?? utf8)(given))
      if (given instanceof ArrayBuffer) return new Buffer(given)
      return new Buffer(Array.from(given, (one) => one & 255))
    }
    static alloc(size, fill = 0) {
      return new Buffer(size).fill(fill)
    }
    static allocUnsafe(size) {
      return new Buffer(size)
    }
    static isBuffer(one) {
      return one instanceof Buffer
    }
    static concat(list) {
      return new Buffer(list.flatMap((one) => Array.from(one)))
    }
    static byteLength(text) {
      return utf8(text).length
    }
    slice(begin, end) {
      return this.subarray(begin, end)
    }
    toString(encoding, begin, end) {
      const bytes = Array.from(super.subarray(begin ?? 0, end ?? this.length))
      if (encoding === 'hex') return bytes.map((one) => one.toString(16).padStart(2, '0')).join('')
      if (encoding === 'base64') return toBase64(bytes)
      const text = String.fromCharCode(...bytes)
      if (encoding === 'latin1' || encoding === 'binary' || encoding === 'ascii') return text
      try {
        return decodeURIComponent(escape(text))
      } catch {
        return text
      }
    }
    equals(other) {
      return this.length === other.length && this.every((one, at) => one === other[at])
    }
    view() {
      return new DataView(this.buffer, this.byteOffset, this.byteLength)
    }
    readUIntBE(at, size) {
      if (at < 0 || at + size > this.length) throw new RangeError('Attempt to access memory outside buffer bounds')
      let value = 0
      for (let index = 0; index < size; index += 1) value = value * 256 + this[at + index]
      return value
    }
    readUIntLE(at, size) {
      if (at < 0 || at + size > this.length) throw new RangeError('Attempt to access memory outside buffer bounds')
      let value = 0
      for (let index = size - 1; index >= 0; index -= 1) value = value * 256 + this[at + index]
      return value
    }
    readIntBE(at, size) {
      const value = this.readUIntBE(at, size)
      return value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value
    }
    readIntLE(at, size) {
      const value = this.readUIntLE(at, size)
      return value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value
    }
    writeUIntBE(value, at, size) {
      for (let index = size - 1, left = value; index >= 0; index -= 1, left = Math.floor(left / 256)) this[at + index] = left
      return at + size
    }
    writeUIntLE(value, at, size) {
      for (let index = 0, left = value; index < size; index += 1, left = Math.floor(left / 256)) this[at + index] = left
      return at + size
    }
  }
  for (const [bits, order] of [[8, ''], [16, 'BE'], [16, 'LE'], [32, 'BE'], [32, 'LE']]) {
    for (const sign of ['Int', 'UInt']) {
      const [size, form] = [bits / 8, order || 'BE']
      const read = function (at = 0) {
        return this[`read${sign}${form}`](at, size)
      }
      const write = function (value, at = 0) {
        return this[`writeUInt${form}`](value < 0 ? value + 2 ** bits : value, at, size)
      }
      for (const name of [sign, sign.replace('UI', 'Ui')]) {
        Buffer.prototype[`read${name}${bits}${order}`] = read
        Buffer.prototype[`write${name}${bits}${order}`] = write
      }
    }
  }
  for (const [name, bits] of [['Float', 32], ['Double', 64]]) {
    for (const order of ['BE', 'LE']) {
      Buffer.prototype[`read${name}${order}`] = function (at = 0) {
        return this.view()[`getFloat${bits}`](at, order === 'LE')
      }
      Buffer.prototype[`write${name}${order}`] = function (value, at = 0) {
        this.view()[`setFloat${bits}`](at, value, order === 'LE')
        return at + bits / 8
      }
    }
  }
  globalThis.Buffer = Buffer

  // Modules as Node's packages write them; only those of the package itself are there.
  const files = Object.create(null)
  const loaded = Object.create(null)
  globalThis.__addFile = (path, source) => {
    files[path] = source
  }
  const joined = (folder, path) => {
    const parts = []
    for (const part of `${folder}/${path}`.split('/')) {
      if (part === '..') parts.pop()
      else if (part !== '.' && part !== '') parts.push(part)
    }
    return parts.join('/')
  }
  // What an ES module imports and exports, in the words of the modules here: codecs are written in either.
  const MODULE = /^[ \t]*(?:export|import)[ \t{*'"]/m
  const FROM = `[ \\t]*from[ \\t]*['"]([^'"]+)['"]`
  const IMPORTS = [
    [/^[ \t]*import[ \t]+['"]([^'"]+)['"]/gm, (_, from) => `require('${from}')`],
    [new RegExp(`^[ \\t]*import[ \\t]+\\*[ \\t]+as[ \\t]+([\\w$]+)${FROM}`, 'gm'), (_, all, from) => `const ${all} = require('${from}')`],
    [new RegExp(`^[ \\t]*import[ \\t]*(\\{[^}]*\\})${FROM}`, 'gm'), (_, some, from) => `const ${some.replace(/[ \t]as[ \t]/g, ': ')} = require('${from}')`],
    [new RegExp(`^[ \\t]*import[ \\t]+([\\w$]+)[ \\t]*,[ \\t]*(\\{[^}]*\\})${FROM}`, 'gm'), (_, one, some, from) => `const ${one} = ((m) => m.default ?? m)(require('${from}')), ${some.replace(/[ \t]as[ \t]/g, ': ')} = require('${from}')`],
    [new RegExp(`^[ \\t]*import[ \\t]+([\\w$]+)${FROM}`, 'gm'), (_, one, from) => `const ${one} = ((m) => m.default ?? m)(require('${from}'))`],
  ]
  const asScript = (given) => {
    let source = given.replace(/^\uFEFF?#![^\n]*/, '')
    if (!MODULE.test(source)) return source
    const told = []
    for (const [pattern, said] of IMPORTS) source = source.replace(pattern, said)
    source = source.replace(/^[ \t]*export[ \t]+default[ \t]+((?:async[ \t]+)?(?:function|class))[ \t]+([\w$]+)/gm, (_, kind, name) => {
      told.push(`exports.default = ${name}`)
      return `${kind} ${name}`
    })
    source = source.replace(/^[ \t]*export[ \t]+default[ \t]+/gm, 'exports.default = ')
    source = source.replace(/^[ \t]*export[ \t]*\{([^}]*)\}[ \t]*;?/gm, (_, list) => {
      for (const part of list.split(',').map((one) => one.trim()).filter((one) => one !== '')) {
        const [own, name] = part.split(/[ \t]+as[ \t]+/)
        told.push(`exports.${name ?? own} = ${own}`)
      }
      return ''
    })
    source = source.replace(/^[ \t]*export[ \t]+((?:async[ \t]+)?function\*?|class|const|let|var)[ \t]+([\w$]+)/gm, (_, kind, name) => {
      told.push(`exports.${name} = ${name}`)
      return `${kind} ${name}`
    })
    return `${source}\n;${told.join(';')}`
  }
  const load = (path) => {
    if (loaded[path]) return loaded[path].exports
    const module = { exports: {} }
    loaded[path] = module
    if (path.endsWith('.json')) {
      module.exports = parse(files[path])
      return module.exports
    }
    const folder = path.split('/').slice(0, -1).join('/')
    const require = (name) => {
      if (name === 'buffer' || name === 'node:buffer' || name === 'buffer/') return { Buffer }
      const at = joined(folder, name)
      const found = [at, `${at}.js`, `${at}.json`, `${at}/index.js`].find((one) => one in files)
      if (!name.startsWith('.') || found === undefined) throw new Error(`there is no module ${name}`)
      return load(found)
    }
    const names = ['decodeUplink', 'encodeDownlink', 'decodeDownlink', 'extractPoints', 'Decode', 'Decoder']
    const plain = names.map((one) => `typeof ${one} === 'function' ? ${one} : undefined`).join(', ')
    const run = new Function('exports', 'module', 'require', `${asScript(files[path])}\n;return [${plain}, typeof driver === 'object' ? driver : undefined]`)
    const declared = run.call(module.exports, module.exports, module, require)
    // What packers leave, var driver = {...}; and an ES module's object by default.
    const bundled = declared[names.length] ?? module.exports?.default ?? {}
    names.forEach((one, at) => {
      const found = declared[at] ?? bundled[one]
      if (typeof found === 'function' && typeof module.exports[one] !== 'function') module.exports[one] = found
    })
    // Two older forms, of The Things Stack and of ChirpStack, give the decoded object alone.
    const { Decoder, Decode, decodeUplink } = module.exports
    if (typeof decodeUplink !== 'function' && typeof (Decoder ?? Decode) === 'function') {
      const decode = Decoder ?? ((bytes, fPort) => Decode(fPort, bytes))
      module.exports.decodeUplink = ({ bytes, fPort }) => ({ data: decode(bytes, fPort) })
    }
    return module.exports
  }
  let codec
  globalThis.__load = (path) => {
    if (!(path in files)) throw new Error(`the package has no ${path}`)
    codec = load(path)
    if (codec === null || (typeof codec !== 'object' && typeof codec !== 'function')) throw new Error('it exports nothing')
    return stringify(Object.keys(codec).filter((one) => typeof codec[one] === 'function'))
  }
  const revive = (given, dates) => {
    for (const name of dates) if (typeof given[name] === 'string') given[name] = new RealDate(given[name])
    return given
  }
  globalThis.__call = (name, text, dates) => {
    if (typeof codec[name] !== 'function') throw new Error(`the codec has no function ${name}`)
    const value = codec[name](revive(parse(text), parse(dates)))
    if (value && typeof value.then === 'function') throw new Error('it answers with a promise, and nobody waits for it')
    const told = stringify(value === undefined ? null : value)
    if (typeof told !== 'string') throw new Error(`it answers with a ${typeof value}`)
    return told
  }
})()
