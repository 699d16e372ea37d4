// The connections and flows that there are, and what is kept of them for the next start.

import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { validate } from './configuration.js'
import { Connection } from './connection.js'
import { invalid, unknown } from './problem.js'
import { unmasked } from './secrets.js'

const KEY = /^lora:([0-9a-f]{16})$/i

export class Registry {
  #tools
  #file
  #publicBase
  #everyDevice
  #lastId = 0
  #connections = new Map()
  #flows = new Map()

  constructor({ stateDir, publicBase, everyDevice, ...tools }) {
    this.#tools = tools
    this.#everyDevice = everyDevice
    this.#publicBase = publicBase
    if (stateDir) {
      mkdirSync(stateDir, { recursive: true })
      this.#file = join(stateDir, 'configuration.json')
    }
  }

  /** Brings back what the last start kept. */
  load() {
    let kept
    try {
      kept = JSON.parse(readFileSync(this.#file, 'utf8'))
    } catch (error) {
      if (this.#file && error.code !== 'ENOENT') throw error
      return
    }
    this.#lastId = kept.lastId
    for (const flow of kept.flows) this.#flows.set(flow.id, flow)
    for (const stored of kept.connections) this.#add(stored)
  }

  #save() {
    if (!this.#file) return
    const connections = [...this.#connections.values()].map((connection) => connection.stored())
    const kept = { lastId: this.#lastId, connections, flows: [...this.#flows.values()] }
    writeFileSync(`${this.#file}.new`, JSON.stringify(kept), { mode: 0o600 })
    renameSync(`${this.#file}.new`, this.#file)
  }

  #nextId() {
    this.#lastId += 1
    return String(this.#lastId)
  }

  #add(stored) {
    const connection = new Connection(stored, this.#tools)
    this.#connections.set(connection.id, connection)
    connection.open()
    return connection
  }

  create(body) {
    validate(body)
    const startupTime = new Date().toISOString()
    const connection = this.#add({ id: this.#nextId(), uuid: randomUUID(), body, startupTime })
    this.#save()
    return connection
  }

  replace(id, body) {
    const connection = this.connection(id)
    const whole = unmasked(body, connection.body)
    validate(whole)
    connection.replace(whole)
    this.#save()
    return connection
  }

  async remove(id) {
    const connection = this.connection(id)
    this.#connections.delete(id)
    this.#save()
    await connection.close()
  }

  connection(id) {
    const connection = this.#connections.get(id)
    if (!connection) throw unknown(`connection ${id}`)
    return connection
  }

  connections() {
    return [...this.#connections.values()]
  }

  byUuid(uuid) {
    return this.connections().find((connection) => connection.uuid === uuid)
  }

  downlinkUrl(connection) {
    return `${this.#publicBase}/iot-flow/downlinkMessages/${connection.uuid}`
  }

  resource(connection) {
    return connection.resource(this.downlinkUrl(connection))
  }

  createFlow(body) {
    this.#validateFlow(body)
    const flow = { ...body, id: this.#nextId() }
    this.#flows.set(flow.id, flow)
    this.#save()
    return flow
  }

  removeFlow(id) {
    if (!this.#flows.delete(id)) throw unknown(`flow ${id}`)
    this.#save()
  }

  #validateFlow(body) {
    if (typeof body !== 'object' || body === null) throw invalid('body', 'must be a JSON object')
    if (typeof body.name !== 'string' || !body.name.trim()) throw invalid('name', 'is mandatory, as a text')
    if (!Array.isArray(body.matchers)) throw invalid('matchers', 'is mandatory, as an array')
    for (const [index, matcher] of body.matchers.entries()) {
      if (matcher?.type !== 'key') throw invalid(`matchers.${index}.type`, 'must be key')
      if (!KEY.test(matcher.key)) throw invalid(`matchers.${index}.key`, 'must be lora:<deveui>')
    }
    if (!Array.isArray(body.connectors)) throw invalid('connectors', 'is mandatory, as an array')
    for (const [index, connector] of body.connectors.entries()) {
      const connection = this.#connections.get(String(connector?.connectionId))
      if (!connection) throw invalid(`connectors.${index}.connectionId`, 'names no connection')
      const { connectorId } = connection.body
      if (connector.id !== connectorId) throw invalid(`connectors.${index}.id`, `must be ${connectorId}`)
      const validity = `connectors.${index}.uplinkTimeValidity`
      if (connector.uplinkTimeValidity !== undefined) throw invalid(validity, 'is for connections only')
    }
  }

  /** The connections to which a device is bound, each once. */
  /** The connections of a device; what is about none, a base station's alarm, goes to all that a flow names. */
  boundTo(device) {
    if (this.#everyDevice) return this.connections()
    const flows = [...this.#flows.values()].filter(({ matchers }) =>
      device === undefined || matchers.some(({ key }) => KEY.exec(key)[1].toUpperCase() === device),
    )
    const ids = new Set(flows.flatMap(({ connectors }) => connectors.map(({ connectionId }) => String(connectionId))))
    return [...ids].map((id) => this.#connections.get(id)).filter(Boolean)
  }
}
