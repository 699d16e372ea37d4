// A session at an MQTT server, 3.1.1: the PUBACK is the delivery, and a session that did not acknowledge is followed by
// another one. What is said on it, and to whom, is the business of the sinks that extend it.

import mqtt from 'mqtt'

import { log } from './log.js'
import { refuseOld } from './options.js'
import { NotTried } from './outbox.js'

const RETRY_LOST_S = 0.2
const REFUSED_CREDENTIALS = new Set([4, 5])

export class MqttLink {
  #client
  #flights = 0
  #failed = false
  #timer
  #state = 'OPENING'
  retired = false // commands then come through another sink

  constructor(options) {
    this.options = options // body, dialer, clock, blamePeriod, onUsable, onCommand, onDownlink
  }

  // What a sink says of itself.

  /** {host, port, secure, security, username, password, clientId, clean, connectMs, actionMs} */
  login() {
    throw new Error('a sink has a login')
  }

  /** What is subscribed to. */
  topics() {
    return []
  }

  /** A new session begins. */
  began() {}

  /** Publishes what a document becomes, on this client; throws Dropped for what cannot be sent. */
  publish(_client, _document) {
    throw new Error('a sink publishes')
  }

  /** Takes what was subscribed to. */
  heard(_client, _topic, _bytes) {}

  // The session.

  get state() {
    return this.#state
  }

  get usable() {
    return this.#state === 'OPENED'
  }

  open() {
    const { host, port, secure, security, username, password, clientId, clean, connectMs } = this.login()
    const { dialer } = this.options
    let dial
    try {
      dial = () => dialer.socket(host, port, secure, security)
      this.#client = new mqtt.MqttClient(dial, {
        protocolVersion: 4,
        clean,
        clientId,
        username,
        password,
        keepalive: 30,
        connectTimeout: connectMs,
        reconnectPeriod: 0,
      })
    } catch (error) {
      log('mqtt', { reason: error.message })
      return this.#lost(this.#client)
    }
    const client = this.#client
    this.began()
    client.on('error', (error) => this.#erred(client, error))
    client.on('connect', () => this.#accepted(client))
    client.on('close', () => this.#lost(client))
    client.on('message', (topic, message, packet) => packet.retain || this.heard(client, topic, message))
    client.stream.once(secure ? 'secureConnect' : 'connect', () => {
      if (client === this.#client && this.#state !== 'CLOSED') this.#state = 'AUTHENTICATING'
    })
  }

  async #accepted(client) {
    for (const topic of this.topics()) {
      await client.subscribeAsync(topic, { qos: 1 }).catch((error) => log('no commands', { reason: error.message }))
    }
    if (client !== this.#client || !client.connected) return
    this.#failed = false
    this.#state = 'OPENED'
    this.options.onUsable()
  }

  #erred(client, error) {
    if (client !== this.#client) return
    log('mqtt', { reason: error.message })
    if (REFUSED_CREDENTIALS.has(error.code)) this.#state = 'AUTHENTICATION_FAILED'
    client.end(true)
    this.#lost(client)
  }

  /** The session is over. Refused credentials are not tried again; anything else is. */
  #lost(client) {
    if (client !== this.#client) return
    this.#client = undefined
    if (this.#state === 'AUTHENTICATION_FAILED') return
    this.#failed ||= this.#state !== 'OPENED' || this.#flights > 0
    this.#state = 'UNREACHABLE'
    const { clock, blamePeriod } = this.options
    const pause = this.#failed ? Math.max(blamePeriod, RETRY_LOST_S) : RETRY_LOST_S
    this.#again(clock.now() + pause)
  }

  #again(due) {
    const { clock } = this.options
    this.#timer = clock.timer(due, () => (clock.now() < due ? this.#again(due) : this.open()))
  }

  /** Resolves with the PUBACK; throws Dropped for what cannot be sent. */
  async deliver(document) {
    const client = this.#client
    if (!this.usable || !client) throw new NotTried()
    refuseOld(document, this.options.body.configuration)
    const publishing = this.publish(client, document)
    this.#flights += 1
    try {
      await inTime(client, publishing, this.login().actionMs)
    } catch (error) {
      this.#cut(client)
      throw this.#state === 'CLOSED' ? new NotTried() : error
    } finally {
      this.#flights -= 1
    }
  }

  /** A session that did not acknowledge is not to be trusted: a new one follows. */
  #cut(client) {
    client.end(true)
    this.#lost(client)
  }

  async close() {
    clearTimeout(this.#timer)
    this.#state = 'CLOSED'
    const client = this.#client
    this.#client = undefined
    if (client) await Promise.race([client.endAsync(!client.connected), pause()]).catch(() => client.end(true))
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 1_000))

/** The promise's outcome, unless the session closes or time runs out before. */
async function inTime(client, promise, timeoutMs) {
  let timer
  let closed
  const end = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no PUBACK within ${timeoutMs} ms`)), timeoutMs)
    closed = () => reject(new Error('the session closed before the PUBACK'))
    client.once('close', closed)
  })
  try {
    return await Promise.race([promise, end])
  } finally {
    clearTimeout(timer)
    client.off('close', closed)
  }
}
