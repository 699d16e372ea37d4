// The secrets in a connection's body: shown as a mask, and a mask that comes back stands for what was there.

import { invalid } from './problem.js'

const MASK = '*****'
const SECRETS = ['password', 'downlinkAsKey', 'tiak', 'certificate', 'privateKey']

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The body as the API shows it. */
export function masked(body) {
  const shown = SECRETS.filter((name) => name in body.configuration).map((name) => [name, MASK])
  return { ...body, configuration: { ...body.configuration, ...Object.fromEntries(shown) } }
}

/** The body with each secret that came as ***** as it was before. */
export function unmasked(body, before) {
  if (!isObject(body) || !isObject(body.configuration)) return body
  const kept = (given, old) => (given === MASK && old !== undefined ? old : given)
  const old = before.configuration
  const configuration = { ...body.configuration }
  for (const name of SECRETS) if (name in configuration) configuration[name] = kept(configuration[name], old[name])
  if (isObject(configuration.headers)) {
    const was = new Map(Object.entries(old.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
    const headers = Object.entries(configuration.headers)
    configuration.headers = Object.fromEntries(
      headers.map(([name, value]) => [name, kept(value, was.get(name.toLowerCase()))]),
    )
  }
  return { ...body, configuration }
}

/** Throws where a mask is left that stands for nothing. */
export function refuseMasks({ headers = {}, ...configuration }) {
  const given = SECRETS.map((name) => [name, configuration[name]])
  for (const [name, value] of Object.entries(headers)) given.push([`headers.${name}`, value])
  const [name] = given.find(([, value]) => value === MASK) ?? []
  if (name) throw invalid(`configuration.${name}`, `is ${MASK}, a mask that stands for nothing here`)
}
