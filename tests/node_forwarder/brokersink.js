// Delivers to a plain broker over MQTT 3.1.1: one PUBLISH with QoS 1 for each document, to the topic that the pattern
// gives for it. Downlink documents come back on the topics of the devices.

import { createHash } from 'node:crypto'

import { log } from './log.js'
import { MqttLink } from './mqttlink.js'
import { contentOf } from './options.js'
import { Dropped } from './outbox.js'
import { splitHostPort } from './settings.js'

const PATTERN = /\{([\w-]+(?:\.[\w-]+)*)\}/g // {DevEUI}, {CustomerData.name}
const NO_TOPIC = /[+#\0]|^\$|^$/
const CONNECT_MS = 5_000
const ACTION_MS = 1_000

export class BrokerSink extends MqttLink {
  login() {
    const { configuration } = this.options.body
    const { hostName, protocol, username, password, certificate, privateKey } = configuration
    const { host, port } = splitHostPort(hostName)
    const ca = configuration.trustedCaCertficate ?? configuration.trustedCaCertificate
    return {
      host,
      port,
      secure: protocol === 'SSL',
      security: { ...(ca && { ca }), ...(certificate && { cert: certificate, key: privateKey }) },
      username,
      password,
      clientId: `node-${createHash('sha256').update(this.options.identity).digest('hex').slice(0, 16)}`,
      clean: false, // what is published to its topics while it is away waits for it
      connectMs: configuration.connectionTimeout ?? CONNECT_MS,
      actionMs: configuration.actionTimeout ?? ACTION_MS,
    }
  }

  topics() {
    const { downlinkTopicPattern, downlinkEnabled } = this.options.body.configuration
    return downlinkTopicPattern && downlinkEnabled !== false ? [filterOf(downlinkTopicPattern)] : []
  }

  publish(client, document) {
    const { configuration } = this.options.body
    const topic = configuration.uplinkTopicPattern.replace(PATTERN, (pattern, path) => {
      const found = document.resolve(path)
      if (found === undefined) throw new Dropped(`the pattern ${pattern} of the topic finds nothing`)
      return found
    })
    if (NO_TOPIC.test(topic)) throw new Dropped(`${JSON.stringify(topic)} is no topic that can be published to`)
    return client.publishAsync(topic, Buffer.from(contentOf(document, configuration), 'utf8'), { qos: 1 })
  }

  async heard(_client, topic, bytes) {
    // The broker keeps the session, and with it what it has subscribed to before a change.
    if (!this.topics().some((filter) => matches(filter, topic))) return log('a topic of before', { topic })
    const text = bytes.toString('utf8')
    let document
    try {
      document = JSON.parse(text)
    } catch {
      return log('a message on a downlink topic is no JSON', { topic })
    }
    if (this.retired || document?.DevEUI_downlink === undefined) return
    await this.options.onDownlink(text).catch((error) => log('downlink refused', { reason: error.message }))
  }
}

/** The filter by which the downlinks of all devices are heard: a level with an expression in it is any level. */
export const filterOf = (pattern) =>
  pattern
    .split('/')
    .map((level) => (level.includes('{') ? '+' : level))
    .join('/')

/** Whether a filter, with + and # in it, takes a topic. */
function matches(filter, topic) {
  const [wanted, given] = [filter.split('/'), topic.split('/')]
  const open = wanted.at(-1) === '#'
  const levels = open ? wanted.slice(0, -1) : wanted
  if (open ? given.length < levels.length : given.length !== levels.length) return false
  return levels.every((level, at) => level === '+' || level === given[at])
}

/** Why a pattern can give no topic; undefined where it can. */
export function topicProblem(pattern) {
  const plain = pattern.replace(PATTERN, 'x')
  if (/[{}]/.test(plain)) return 'has braces around what is no path'
  return NO_TOPIC.test(plain) ? 'holds a wildcard, or can be no topic' : undefined
}

/** Why a pattern can give no filter; undefined where it can. */
export function filterProblem(pattern) {
  if (/[{}]/.test(pattern.replace(PATTERN, 'x'))) return 'has braces around what is no path'
  const levels = filterOf(pattern).split('/')
  const wrong = levels.some((level, at) => /.[+#]|[+#]./.test(level) || (level === '#' && at < levels.length - 1))
  return wrong || pattern.includes('\0') ? 'has a wildcard where none can be' : undefined
}
