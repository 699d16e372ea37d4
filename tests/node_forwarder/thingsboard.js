// Delivers to ThingsBoard over MQTT 3.1.1 as a gateway does: the PUBACK is the delivery. Commands come back as RPC.

import { randomUUID } from 'node:crypto'

import { member, scalar } from './jsontext.js'
import { log } from './log.js'
import { MqttLink } from './mqttlink.js'
import { Dropped } from './outbox.js'
import { splitHostPort } from './settings.js'

const TIMEOUT_MS = 10_000
const CONNECT = 'v1/gateway/connect'
const TELEMETRY = 'v1/gateway/telemetry'
const RPC = 'v1/gateway/rpc'
const METADATA = ['FCntUp', 'FPort', 'LrrRSSI', 'LrrSNR']

export class ThingsBoardSink extends MqttLink {
  #known = new Set() // devices that this session has announced

  login() {
    const { hostName, username, password } = this.options.body.configuration
    const { host, port } = splitHostPort(hostName)
    const secure = this.options.dialer.isSecure(host, port)
    const clientId = `node-${randomUUID()}`
    return { host, port, secure, username, password, clientId, clean: true, connectMs: TIMEOUT_MS, actionMs: TIMEOUT_MS }
  }

  topics() {
    return [RPC]
  }

  began() {
    this.#known.clear()
  }

  publish(client, document) {
    if (!document.isUplink) throw new Dropped('telemetry carries uplinks only')
    const device = document.field('DevEUI')
    const told = telemetryOf(document, device)
    return Promise.all([this.#announce(client, device), client.publishAsync(TELEMETRY, told, { qos: 1 })])
  }

  async #announce(client, device) {
    if (this.#known.has(device)) return
    this.#known.add(device)
    await client.publishAsync(CONNECT, JSON.stringify({ device }), { qos: 1 })
  }

  async heard(client, topic, message) {
    if (topic !== RPC) return
    let command
    try {
      command = JSON.parse(message.toString('utf8'))
    } catch {
      log('rpc is no JSON')
      return
    }
    if (this.retired || typeof command?.data?.method !== 'string') return // an answer, not a command
    const data = await this.options.onCommand(command)
    if (!client.connected) return
    const answer = JSON.stringify({ device: command.device, id: command.data.id, data })
    client.publishAsync(RPC, answer, { qos: 1 }).catch((error) => log('rpc not answered', { reason: error.message }))
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
