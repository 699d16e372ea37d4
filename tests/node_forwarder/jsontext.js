// Reads a JSON text without letting go of the text: every node knows where it stands, numbers keep their digits.

const SPACE = new Set([' ', '\t', '\n', '\r'])

class Scanner {
  constructor(text) {
    this.text = text
    this.at = 0
  }

  space() {
    while (SPACE.has(this.text[this.at])) this.at += 1
  }

  string() {
    const start = this.at
    this.at += 1
    while (this.text[this.at] !== '"') this.at += this.text[this.at] === '\\' ? 2 : 1
    this.at += 1
    return { type: 'string', start, end: this.at, value: JSON.parse(this.text.slice(start, this.at)) }
  }

  node() {
    this.space()
    const first = this.text[this.at]
    if (first === '{') return this.object()
    if (first === '[') return this.array()
    if (first === '"') return this.string()
    const start = this.at
    while (this.at < this.text.length && !',]} \t\n\r'.includes(this.text[this.at])) this.at += 1
    const raw = this.text.slice(start, this.at)
    const type = raw === 'null' ? 'null' : raw === 'true' || raw === 'false' ? 'boolean' : 'number'
    return { type, start, end: this.at, raw, value: JSON.parse(raw) }
  }

  object() {
    const start = this.at
    const members = new Map()
    this.at += 1
    this.space()
    while (this.text[this.at] !== '}') {
      if (this.text[this.at] === ',') this.at += 1
      this.space()
      const key = this.string().value
      this.space()
      this.at += 1 // the colon
      members.set(key, this.node())
      this.space()
    }
    this.at += 1
    return { type: 'object', start, end: this.at, members }
  }

  array() {
    const start = this.at
    const items = []
    this.at += 1
    this.space()
    while (this.text[this.at] !== ']') {
      if (this.text[this.at] === ',') this.at += 1
      items.push(this.node())
      this.space()
    }
    this.at += 1
    return { type: 'array', start, end: this.at, items }
  }
}

/** The tree of a JSON text; throws SyntaxError where it is none. */
export function parse(text) {
  JSON.parse(text) // judges the grammar, so that the scanner may trust it
  return new Scanner(text).node()
}

/** The text of a scalar: a string's characters, a number's own digits; undefined for anything else. */
export function scalar(node) {
  if (node?.type === 'string') return node.value
  if (node?.type === 'number' || node?.type === 'boolean') return node.raw
  return undefined
}

/** A member of an object, undefined where there is none. */
export function member(node, key) {
  return node?.type === 'object' ? node.members.get(key) : undefined
}

/** The text with members added at the end of one of its objects; `added` is [[key, JSON text], ...]. */
export function withMembers(text, object, added) {
  if (added.length === 0) return text
  const written = added.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')
  const close = object.end - 1
  return text.slice(0, close) + (object.members.size > 0 ? ',' : '') + written + text.slice(close)
}
