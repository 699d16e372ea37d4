// The headers of a delivery: what the connection configured, its patterns replaced for each document.

import { validateHeaderName } from 'node:http'

const PATTERN = /\{((?:\$\.)?[\w-]+(?:\[\d+\])*(?:\.[\w-]+(?:\[\d+\])*)*)\}/g // {DevEUI}, {Lrrs.Lrr[0].Lrrid}
const FRAMING = new Set(
  'connection content-length expect host keep-alive te trailer transfer-encoding upgrade'.split(' '),
)
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/

/** Why a header cannot be sent as configured; undefined where it can. */
export function headerProblem(name, value) {
  if (typeof value !== 'string') return 'must be a text'
  if (FRAMING.has(name.toLowerCase())) return 'belongs to the transport and cannot be configured'
  if (CONTROL.test(value)) return 'must not contain control characters'
  if (/[{}]/.test(value.replace(PATTERN, ''))) return 'has braces around what is no path'
  try {
    validateHeaderName(name)
  } catch {
    return 'is not a header name'
  }
  return undefined
}

/** The value with its patterns replaced; undefined where nothing is left to send. */
export function rendered(template, document) {
  let missing = false
  const value = template.replace(PATTERN, (_, path) => {
    const found = document.resolve(path)
    const usable = found !== undefined && !CONTROL.test(found)
    missing ||= !usable
    return usable ? found : ''
  })
  if (missing && value.trim() === '') return undefined
  return Buffer.from(value.trim(), 'utf8').toString('latin1') // the wire carries bytes: UTF-8
}

/** {name: value} for one delivery. A configured Content-Type takes the place of ours. */
export function headersOf(configured, document) {
  const headers = new Map([['content-type', ['Content-Type', 'application/json']]])
  for (const [name, template] of Object.entries(configured)) {
    const value = rendered(template, document)
    if (value !== undefined) headers.set(name.toLowerCase(), [name, value])
  }
  return Object.fromEntries(headers.values())
}
