// The tunnel's tokens: lower-case hex SHA-256 over what both sides know, the AS key last.

import { createHash, timingSafeEqual } from 'node:crypto'

const digest = (text) => createHash('sha256').update(text, 'utf8').digest('hex')

/** `query` is [[name, value], ...] in the order in which it is signed. */
export function sign(elements, query, key) {
  return digest(elements + query.map(([name, value]) => `${name}=${value}`).join('&') + key)
}

export function matches(token, expected) {
  const [left, right] = [Buffer.from(token ?? ''), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}
