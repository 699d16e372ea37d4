// What a connection's body must look like.

import { filterProblem, topicProblem } from './brokersink.js'
import { headerProblem } from './headers.js'
import { bareToken } from './httpsink.js'
import { isDuration } from './options.js'
import { invalid } from './problem.js'
import { refuseMasks } from './secrets.js'
import { splitHostPort } from './settings.js'

export const HTTP = 'actility-http-iot'
export const THINGSBOARD = 'actility-thingsboard-iot'
export const MQTT = 'actility-mqtt-iot'
const CONNECTORS = [HTTP, THINGSBOARD, MQTT]
const WIDGELIX_URL = 'https://app.widgelix.com/v1/input-node/actility'
const DEFAULT_BLAME_S = 30
const BODY_KEYS = ['connectorId', 'name', 'configuration', 'brand', 'active']
const MANDATORY = {
  [HTTP]: ['destinationURL'],
  [THINGSBOARD]: ['hostName', 'username', 'password'],
  [MQTT]: ['uplinkTopicPattern', 'hostName', 'protocol'],
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isBoolean = (value) => typeof value === 'boolean'
const isText = (value) => typeof value === 'string' && value.trim() !== ''
const isPort = (value) => Number.isInteger(value) && value >= 1 && value <= 224
const isPeriod = (value) => Number.isSafeInteger(value) && value >= 0

const isTimeout = (value) => Number.isInteger(value) && value >= 1 && value <= 10_000

const text = [isText, 'must be a text']
const timeout = [isTimeout, 'must be whole milliseconds, 1 to 10000']
const flag = [isBoolean, 'must be true or false']
const COMMON = {
  description: [(value) => typeof value === 'string', 'must be a text'],
  blamePeriod: [isPeriod, 'must be whole seconds, 0 or more'],
  downlinkEnabled: flag,
  downlinkPort: [isPort, 'must be 1 to 224'],
  downlinkAsId: text,
  downlinkAsKey: text,
  uplinkTimeValidity: [isDuration, 'must be a whole number, not 0, and s, m, h or d'],
}
/** The keys of a configuration, each with its check and what it says; what would have no effect is not among them. */
const KEYS = {
  [HTTP]: {
    ...COMMON,
    destinationURL: text,
    headers: [isObject, 'must be an object of texts'],
    sendMetadata: flag,
    sendRawDecodedFormat: flag,
    lrcCompliance: flag,
    tiak: text,
  },
  [THINGSBOARD]: { ...COMMON, hostName: text, username: text, password: text },
  [MQTT]: {
    ...COMMON,
    uplinkTopicPattern: text,
    downlinkTopicPattern: text,
    hostName: text,
    protocol: [(value) => ['SSL', 'TCP'].includes(value), 'must be SSL or TCP; WSS is not built here'],
    username: text,
    password: text,
    certificate: text,
    privateKey: text,
    trustedCaCertficate: text,
    trustedCaCertificate: text,
    connectionTimeout: timeout,
    actionTimeout: timeout,
    sendMetadata: flag,
    sendRawDecodedFormat: flag,
  },
}

/** Throws the Problem that names the first field that is wrong. */
export function validate(body) {
  if (!isObject(body)) throw invalid('body', 'must be a JSON object')
  const { connectorId, name, configuration, brand, active } = body
  if (connectorId === undefined) throw invalid('connectorId', 'is mandatory')
  if (!CONNECTORS.includes(connectorId)) throw invalid('connectorId', `must be one of ${CONNECTORS.join(', ')}`)
  if (!isText(name)) throw invalid('name', 'is mandatory, as a text')
  if (configuration === undefined) throw invalid('configuration', 'is mandatory')
  if (!isObject(configuration)) throw invalid('configuration', 'must be an object')
  refuseUnknown(body, BODY_KEYS, '')
  refuseUnknown(configuration, Object.keys(KEYS[connectorId]), 'configuration.')
  if (active !== undefined && !isBoolean(active)) throw invalid('active', 'must be true or false')
  for (const key of MANDATORY[connectorId]) {
    if (configuration[key] === undefined) throw invalid(`configuration.${key}`, 'is mandatory')
  }
  for (const [key, value] of Object.entries(configuration)) {
    const [isRight, reason] = KEYS[connectorId][key]
    if (!isRight(value)) throw invalid(`configuration.${key}`, reason)
  }
  if (connectorId === THINGSBOARD) validateHostName(configuration)
  else if (connectorId === MQTT) validateBroker(configuration)
  else validateHttp(configuration)
  if (brand !== undefined) validateBrand(body)
  refuseMasks(configuration)
}

/** A key that is not known would be without effect: it is refused, and the one that was meant is named. */
function refuseUnknown(object, keys, prefix) {
  const plain = (key) => key.toLowerCase().replace(/[^a-z0-9]/g, '')
  for (const key of Object.keys(object)) {
    if (keys.includes(key)) continue
    const meant = keys.find((known) => plain(known) === plain(key))
    throw invalid(`${prefix}${key}`, meant ? `must be written ${meant}` : 'is not a key of this connection')
  }
}

function validateBrand({ brand, connectorId, configuration }) {
  if (brand !== 'WIDGELIX') throw invalid('brand', 'must be WIDGELIX, or be left out')
  if (connectorId !== HTTP) throw invalid('connectorId', `must be ${HTTP} with the brand WIDGELIX`)
  const { destinationURL, headers = {} } = configuration
  if (destinationURL !== WIDGELIX_URL) throw invalid('configuration.destinationURL', `must be ${WIDGELIX_URL}`)
  const authorization = Object.entries(headers).find(([name]) => name.toLowerCase() === 'authorization')?.[1]
  if (!bareToken(authorization ?? '')) throw invalid('configuration.headers.Authorization', 'is mandatory')
}

function validateHttp({ destinationURL, headers = {}, ...configuration }) {
  const field = 'configuration.destinationURL'
  if (!/^https?:\/\/[^\s/?#]/i.test(destinationURL)) throw invalid(field, 'must begin with http:// or https://')
  if (/\s/.test(destinationURL) || !URL.canParse(destinationURL)) throw invalid(field, 'must be a URL')
  const { username, password } = new URL(destinationURL)
  if (username || password) throw invalid(field, 'must not hold credentials: give the header Authorization')
  const names = Object.keys(headers).map((name) => name.toLowerCase())
  for (const [index, [name, value]] of Object.entries(headers).entries()) {
    const reason = names.indexOf(names[index]) === index ? headerProblem(name, value) : 'is given twice'
    if (reason) throw invalid(`configuration.headers.${name}`, reason)
  }
  if (!configuration.lrcCompliance) return
  for (const key of ['tiak', 'downlinkAsId']) {
    if (!configuration[key]) throw invalid(`configuration.${key}`, 'is mandatory with lrcCompliance')
  }
}

function validateBroker(configuration) {
  validateHostName(configuration)
  const { uplinkTopicPattern, downlinkTopicPattern, certificate, privateKey, protocol } = configuration
  const wrong = topicProblem(uplinkTopicPattern)
  if (wrong) throw invalid('configuration.uplinkTopicPattern', wrong)
  const wrongFilter = downlinkTopicPattern && filterProblem(downlinkTopicPattern)
  if (wrongFilter) throw invalid('configuration.downlinkTopicPattern', wrongFilter)
  for (const [name, given, other] of [['certificate', certificate, privateKey], ['privateKey', privateKey, certificate]]) {
    if (other && !given) throw invalid(`configuration.${name}`, 'is mandatory beside the other of the two')
    if (given && protocol === 'TCP') throw invalid(`configuration.${name}`, 'does not apply to TCP')
    if (given && !given.startsWith('-----BEGIN') && given !== '*****') throw invalid(`configuration.${name}`, 'must be PEM')
  }
}

function validateHostName({ hostName }) {
  if (/[\s/@?#]/.test(hostName) || !splitHostPort(hostName)?.port) {
    throw invalid('configuration.hostName', 'must be host:port, without a scheme')
  }
}

export const blamePeriodOf = (body) => body.configuration.blamePeriod ?? DEFAULT_BLAME_S
export const isActive = (body) => body.active !== false
