// Uplinks in: token checked, decoded, bound to connections.

import { Document } from './document.js'
import { decoded } from './drivers/index.js'
import { invalid, Problem } from './problem.js'
import { matches, sign } from './token.js'

const SIGNED = ['LrnDevEui', 'LrnFPort', 'LrnInfos', 'AS_ID', 'Time']
const DEV_EUI = /^[0-9a-f]{16}$/i
const MOST_WAITING = 200_000

export class Ingress {
  constructor({ registry, asId, asKey }) {
    Object.assign(this, { registry, asId, asKey })
  }

  /** Accepts a document, or throws the Problem that refuses it. */
  take(query, text) {
    const document = readDocument(text, query.get('LrnInfos') ?? '')
    this.#authenticate(query, document)
    const bound = this.registry.boundTo(document.device)
    const waiting = this.registry.connections().reduce((sum, connection) => sum + connection.waiting, 0)
    if (waiting > MOST_WAITING) throw new Problem(503, 'com-503', 'too many documents wait for delivery')
    const added = decoded(document)
    for (const connection of bound) {
      const url = [['downlinkUrl', JSON.stringify(this.registry.downlinkUrl(connection))]]
      connection.deliver(document.extended(document.isUplink ? [...added, ...url] : []))
    }
  }

  #authenticate(query, document) {
    const absent = { LrnFPort: document.field('FPort') === undefined, LrnDevEui: document.device === undefined }
    const names = SIGNED.filter((name) => !absent[name])
    const signed = names.map((name) => [name, query.get(name) ?? ''])
    const expected = sign(document.signed, signed, this.asKey)
    if (!matches(query.get('Token'), expected)) throw new Problem(401, 'com-401', 'Token is wrong', 'Token')
    if (query.get('AS_ID') !== this.asId) throw new Problem(403, 'com-403', 'AS_ID is another one', 'AS_ID')
  }
}

function readDocument(text, origin) {
  let document
  try {
    document = new Document(text, origin)
  } catch {
    throw new Problem(400, 'com-400', 'the body is no JSON', 'body')
  }
  if (!document.root) throw invalid('body', 'must be an object with one root')
  const nobodys = document.name === 'BS_alarm' && document.device === undefined
  if (!nobodys && !DEV_EUI.test(document.device ?? '')) throw invalid('DevEUI', 'is missing, or is no DevEUI')
  return document
}
