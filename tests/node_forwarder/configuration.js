// What a connection's body must look like, and which of its parts are secrets.

import { bareToken } from './httpsink.js'
import { headerProblem } from './headers.js'
import { invalid } from './problem.js'
import { splitHostPort } from './settings.js'

export const HTTP = 'actility-http-iot'
export const THINGSBOARD = 'actility-thingsboard-iot'
export const MASK = '*****'
const WIDGELIX_URL = 'https://app.widgelix.com/v1/input-node/actility'
const DEFAULT_BLAME_S = 30
const BODY_KEYS = ['connectorId', 'name', 'brand', 'configuration']
const HTTP_KEYS = ['destinationURL', 'headers', 'blamePeriod', 'description']
const CONFIGURATION_KEYS = [...HTTP_KEYS, 'hostName', 'username', 'password', 'downlinkPort']

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value) => typeof value === 'string' && value.trim() !== ''
const isPort = (value) => Number.isInteger(value) && value >= 1 && value <= 224

/** Throws the Problem that names the first field that is wrong. */
export function validate(body) {
  if (!isObject(body)) throw invalid('body', 'must be a JSON object')
  if (!isText(body.connectorId)) throw invalid('connectorId', 'is mandatory')
  if (![HTTP, THINGSBOARD].includes(body.connectorId)) throw invalid('connectorId', `must be ${HTTP} or ${THINGSBOARD}`)
  if (!isText(body.name)) throw invalid('name', 'is mandatory, as a text')
  const { configuration } = body
  if (configuration === undefined) throw invalid('configuration', 'is mandatory')
  if (!isObject(configuration)) throw invalid('configuration', 'must be an object')
  validateSpelling(body, BODY_KEYS, '')
  validateSpelling(configuration, CONFIGURATION_KEYS, 'configuration.')
  validateCommon(configuration)
  if (body.connectorId === THINGSBOARD) validateThingsBoard(configuration)
  else validateHttp(configuration)
  if (body.brand != null) validateBrand(body)
}

function validateBrand({ brand, connectorId, configuration }) {
  if (brand !== 'WIDGELIX') throw invalid('brand', 'must be WIDGELIX, or be left out')
  if (connectorId !== HTTP) throw invalid('connectorId', `must be ${HTTP} with the brand WIDGELIX`)
  validateWidgelix(configuration)
}

/** A key that only case or punctuation tells from a known one would be without effect: it is refused. */
function validateSpelling(object, keys, prefix) {
  const plain = (key) => key.toLowerCase().replace(/[^a-z0-9]/g, '')
  for (const key of Object.keys(object)) {
    const meant = keys.find((known) => plain(known) === plain(key) && known !== key)
    if (meant) throw invalid(`${prefix}${key}`, `must be written ${meant}`)
  }
}

function validateCommon({ description, blamePeriod, downlinkPort }) {
  const isDescription = description == null || typeof description === 'string'
  if (!isDescription) throw invalid('configuration.description', 'must be a text')
  if (blamePeriod !== undefined && !(Number.isSafeInteger(blamePeriod) && blamePeriod >= 0)) {
    throw invalid('configuration.blamePeriod', 'must be whole seconds, 0 or more')
  }
  if (downlinkPort != null && !isPort(downlinkPort)) throw invalid('configuration.downlinkPort', 'must be 1 to 224')
}

function validateHttp({ destinationURL, headers = {} }) {
  const field = 'configuration.destinationURL'
  if (destinationURL === undefined) throw invalid(field, 'is mandatory')
  if (!isText(destinationURL)) throw invalid(field, 'must be a text')
  if (!/^https?:\/\/[^\s/?#]/i.test(destinationURL)) throw invalid(field, 'must begin with http:// or https://')
  if (/\s/.test(destinationURL) || !URL.canParse(destinationURL)) throw invalid(field, 'must be a URL')
  const { username, password } = new URL(destinationURL)
  if (username || password) throw invalid(field, 'must not hold credentials: give the header Authorization')
  if (!isObject(headers)) throw invalid('configuration.headers', 'must be an object of texts')
  const names = Object.keys(headers).map((name) => name.toLowerCase())
  for (const [index, [name, value]] of Object.entries(headers).entries()) {
    if (names.indexOf(names[index]) !== index) throw invalid(`configuration.headers.${name}`, 'is given twice')
    const reason = headerProblem(name, value)
    if (reason) throw invalid(`configuration.headers.${name}`, reason)
  }
}

function validateWidgelix({ destinationURL, headers = {} }) {
  if (destinationURL !== WIDGELIX_URL) throw invalid('configuration.destinationURL', `must be ${WIDGELIX_URL}`)
  const authorization = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  if (!bareToken(authorization ?? '')) throw invalid('configuration.headers.Authorization', 'is mandatory')
}

function validateThingsBoard({ hostName, username, password }) {
  for (const [name, value] of Object.entries({ hostName, username, password })) {
    if (value === undefined) throw invalid(`configuration.${name}`, 'is mandatory')
    if (!isText(value)) throw invalid(`configuration.${name}`, 'must be a text')
  }
  if (/[\s/@?#]/.test(hostName) || !splitHostPort(hostName)?.port) {
    throw invalid('configuration.hostName', 'must be host:port, without a scheme')
  }
}

export const blamePeriodOf = (body) => body.configuration.blamePeriod ?? DEFAULT_BLAME_S
export const downlinkPortOf = (body) => [body.configuration.downlinkPort, body.downlinkPort].find(isPort)

/** The body as the API shows it. */
export function masked(body) {
  if (!('password' in body.configuration)) return body
  return { ...body, configuration: { ...body.configuration, password: MASK } }
}

/** The body with each secret that came as ***** as it was before. */
export function unmasked(body, before) {
  if (!isObject(body) || !isObject(body.configuration)) return body
  const configuration = { ...body.configuration }
  const old = before.configuration
  if (configuration.password === MASK && old.password !== undefined) configuration.password = old.password
  if (isObject(configuration.headers) && isObject(old.headers)) {
    const headers = Object.entries(configuration.headers)
    const kept = ([name, value]) => [name, (value === MASK && old.headers[name]) || value]
    configuration.headers = Object.fromEntries(headers.map(kept))
  }
  return { ...body, configuration }
}
