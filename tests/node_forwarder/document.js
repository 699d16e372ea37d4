// A ThingPark document: the text as it came, and what can be read in it.

import { member, parse, scalar, withMembers } from './jsontext.js'

const SIGNED = ['CustomerID', 'DevEUI', 'FPort', 'FCntUp', 'payload_hex']
const SIGNED_OF_SENT = ['CustomerID', 'DevEUI', 'FPort', 'FCntDn']

export class Document {
  /** Throws SyntaxError where the text is no JSON. `origin` is the LrnInfos with which it came. */
  constructor(text, origin = '') {
    this.text = text
    this.origin = origin
    this.tree = parse(text)
    const roots = this.tree.type === 'object' ? [...this.tree.members] : []
    const [name, root] = roots.length === 1 && roots[0][1].type === 'object' ? roots[0] : []
    this.name = name
    this.root = root
  }

  get isUplink() {
    return this.name === 'DevEUI_uplink'
  }

  /** The DevEUI in upper case, by which devices are told apart. */
  get device() {
    return this.field('DevEUI')?.toUpperCase()
  }

  field(...path) {
    return scalar(path.reduce(member, this.root))
  }

  textOf({ start, end }) {
    return this.text.slice(start, end)
  }

  /** What the token signs of the body: values with the digits that stand there, no separator between them. */
  get signed() {
    const counted = this.field('FCntUp') !== undefined
    const others = counted ? SIGNED : SIGNED.with(SIGNED.indexOf('FCntUp'), 'FCntDn')
    const names = this.name === 'DevEUI_downlink_Sent' ? SIGNED_OF_SENT : others
    return names.map((name) => this.field(name) ?? '').join('')
  }

  /** The same document with members added under its root. */
  extended(added) {
    return new Document(withMembers(this.text, this.root, added), this.origin)
  }

  /** The text at a path such as DriverCfg.mod.pId, under the root; undefined where nothing plain stands. */
  resolve(path) {
    return this.field(...path.split('.'))
  }
}
