// Delivers to ThingsBoard over MQTT 3.1.1 as a gateway does: the PUBACK is the delivery. Commands come back as RPC.

import { randomUUID } from 'node:crypto'

import mqtt from 'mqtt'

import { member, scalar } from './jsontext.js'
import { log } from './log.js'
import { refuseOld } from './options.js'
import { Dropped, NotTried } from './outbox.js'
import { splitHostPort } from './settings.js'

const TIMEOUT_MS = 10_000
const RETRY_LOST_S = 0.2
const CONNECT = 'v1/gateway/connect'
const TELEMETRY = 'v1/gateway/telemetry'
const RPC = 'v1/gateway/rpc'
const METADATA = ['FCntUp', 'FPort', 'LrrRSSI', 'LrrSNR']
const REFUSED_CREDENTIALS = new Set([4, 5])

export class ThingsBoardSink {
  #options
  #client
  #known = new Set() // devices that this session has announced
  #flights = 0
  #failed = false
  #timer
  #state = 'OPENING'
  retired = false // commands then come through another sink

  constructor(options) {
    this.#options = options // body, dialer, clock, blamePeriod, onUsable, onCommand
  }

  get state() {
    return this.#state
  }

  get usable() {
    return this.#state === 'OPENED'
  }

  open() {
    const { body, dialer } = this.#options
    const { hostName, username, password } = body.configuration
    const { host, port } = splitHostPort(hostName)
    const secure = dialer.isSecure(host, port)
    const dial = () => dialer.socket(host, port, secure)
    const client = new mqtt.MqttClient(dial, {
      protocolVersion: 4,
      clean: true,
      clientId: `node-${randomUUID()}`,
      username,
      password,
      keepalive: 30,
      connectTimeout: TIMEOUT_MS,
      reconnectPeriod: 0,
    })
    this.#client = client
    this.#known.clear()
    client.on('error', (error) => this.#erred(client, error))
    client.on('connect', () => this.#accepted(client))
    client.on('close', () => this.#lost(client))
    client.on('message', (topic, message) => topic === RPC && this.#commanded(client, message.toString('utf8')))
    client.stream.once(secure ? 'secureConnect' : 'connect', () => {
      if (client === this.#client && this.#state !== 'CLOSED') this.#state = 'AUTHENTICATING'
    })
  }

  async #accepted(client) {
    await client.subscribeAsync(RPC, { qos: 1 }).catch((error) => log('no commands', { reason: error.message }))
    if (client !== this.#client || !client.connected) return
    this.#failed = false
    this.#state = 'OPENED'
    this.#options.onUsable()
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
    const { clock, blamePeriod } = this.#options
    const pause = this.#failed ? Math.max(blamePeriod, RETRY_LOST_S) : RETRY_LOST_S
    this.#again(clock.now() + pause)
  }

  #again(due) {
    const { clock } = this.#options
    this.#timer = clock.timer(due, () => (clock.now() < due ? this.#again(due) : this.open()))
  }

  /** Resolves with the PUBACK; throws Dropped for what telemetry cannot carry. */
  async deliver(document) {
    const client = this.#client
    if (!this.usable || !client) throw new NotTried()
    if (!document.isUplink) throw new Dropped('telemetry carries uplinks only')
    refuseOld(document, this.#options.body.configuration)
    const device = document.field('DevEUI')
    const told = telemetryOf(document, device)
    this.#flights += 1
    try {
      const announced = this.#announce(client, device)
      await inTime(client, Promise.all([announced, client.publishAsync(TELEMETRY, told, { qos: 1 })]))
    } catch (error) {
      this.#cut(client)
      throw this.#state === 'CLOSED' ? new NotTried() : error
    } finally {
      this.#flights -= 1
    }
  }

  async #announce(client, device) {
    if (this.#known.has(device)) return
    this.#known.add(device)
    await client.publishAsync(CONNECT, JSON.stringify({ device }), { qos: 1 })
  }

  /** A session that did not acknowledge is not to be trusted: a new one follows. */
  #cut(client) {
    client.end(true)
    this.#lost(client)
  }

  async #commanded(client, text) {
    let command
    try {
      command = JSON.parse(text)
    } catch {
      log('rpc is no JSON')
      return
    }
    if (this.retired || typeof command?.data?.method !== 'string') return // an answer, not a command
    const data = await this.#options.onCommand(command)
    if (!client.connected) return
    const answer = JSON.stringify({ device: command.device, id: command.data.id, data })
    client.publishAsync(RPC, answer, { qos: 1 }).catch((error) => log('rpc not answered', { reason: error.message }))
  }

  async close() {
    clearTimeout(this.#timer)
    this.#state = 'CLOSED'
    const client = this.#client
    this.#client = undefined
    if (client) await Promise.race([client.endAsync(!client.connected), pause()]).catch(() => client.end(true))
  }
}

/** The message for an uplink: the decoded payload, and what the radio tells, with the digits of the document. */
function telemetryOf(document, device) {
  const payload = member(document.root, 'payload')
  const decoded = payload?.type === 'object' ? [...payload.members] : []
  const told = METADATA.map((name) => [name, document.root.members.get(name)])
  const values = new Map([...told.filter(([, node]) => scalar(node) !== undefined), ...decoded])
  if (values.size === 0) throw new Dropped('the uplink holds nothing that telemetry could tell')
  const written = [...values].map(([name, node]) => `${JSON.stringify(name)}:${document.textOf(node)}`)
  const ts = Date.parse(document.field('Time'))
  if (!Number.isFinite(ts)) throw new Dropped('the uplink has no Time')
  return `{${JSON.stringify(device)}:[{"ts":${ts},"values":{${written.join(',')}}}]}`
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 1_000))

/** The promise's outcome, unless the session closes or time runs out before. */
async function inTime(client, promise) {
  let timer
  let closed
  const end = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no PUBACK within ${TIMEOUT_MS} ms`)), TIMEOUT_MS)
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
