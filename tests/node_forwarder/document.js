// A ThingPark document: the text as it came, and what can be read in it.

import { member, parse, scalar, withMembers } from './jsontext.js'


export class Document {
  /** Throws SyntaxError where the text is no JSON. */
  constructor(text) {
    this.text = text
    this.tree = parse(text)
    const roots = this.tree.type === 'object' ? [...this.tree.members] : []
    const [name, root] = roots.find(([, node]) => node.type === 'object') ?? []
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

  /** What the token signs of the body: values as they stand, no separator between them. A Sent report counts down. */
  get signed() {
    const downwards = this.name === 'DevEUI_downlink_Sent' || this.field('FCntUp') === undefined
    const names = ['CustomerID', 'DevEUI', 'FPort', downwards ? 'FCntDn' : 'FCntUp', 'payload_hex']
    return names.map((name) => this.field(name) ?? '').join('')
  }

  /** The same document with members added under its root. */
  extended(added) {
    return new Document(withMembers(this.text, this.root, added))
  }

  /** The text at a path such as DriverCfg.mod.pId or Lrrs.Lrr[0].Lrrid; undefined where nothing plain stands. */
  resolve(path) {
    const steps = path.trim().replace(/^\$\.?/, '').replace(/\[(\d+)\]/g, '.$1').split(/[./]/).filter(Boolean)
    if (steps.length === 0) return undefined
    const step = (node, key) => (node?.type === 'array' ? node.items[Number(key)] : member(node, key))
    return scalar(steps.reduce(step, this.root)) ?? scalar(steps.reduce(step, this.tree))
  }
}
