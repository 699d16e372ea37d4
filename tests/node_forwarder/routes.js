// Which request leads where.

import { unknown, Problem } from './problem.js'

const API = '/iot-flow/v1'

/** (method, path, query, text) => {status, body}; throws Problems. */
export function routes({ registry, ingress, downlinks, isBound }) {
  const shown = (status, connection) => ({ status, body: registry.resource(connection) })
  const all = () => registry.connections().map((connection) => registry.resource(connection))
  const table = [
    ['POST', /^\/ingress$/, async (_, { query, text }) => (ingress.take(query, text), { status: 200, body: {} })],
    ['POST', /^\/iot-flow\/downlinkMessages\/([^/]+)$/, async ([uuid], { text }) => {
      const connection = registry.byUuid(uuid)
      if (!connection) throw unknown('this downlink address')
      await downlinks.submit(connection, text, (device) => isBound(connection, device))
      return { status: 202, body: {} }
    }],
    ['GET', /^\/connections$/, async () => ({ status: 200, body: all() })],
    ['POST', /^\/connections$/, async (_, { text }) => shown(201, registry.create(json(text)))],
    ['GET', /^\/connections\/([^/]+)$/, async ([id]) => shown(200, registry.connection(id))],
    ['PUT', /^\/connections\/([^/]+)$/, async ([id], { text }) => shown(200, registry.replace(id, json(text)))],
    ['DELETE', /^\/connections\/([^/]+)$/, async ([id]) => (await registry.remove(id), { status: 204 })],
    ['POST', /^\/flows$/, async (_, { text }) => ({ status: 201, body: registry.createFlow(json(text)) })],
    ['DELETE', /^\/flows\/([^/]+)$/, async ([id]) => (registry.removeFlow(id), { status: 204 })],
  ]
  return async (method, path, request) => {
    const own = path.startsWith(`${API}/`) ? path.slice(API.length) : path
    const found = table.map(([m, pattern, handle]) => [m, pattern.exec(own), handle]).filter(([, match]) => match)
    if (found.length === 0) throw unknown(path)
    const row = found.find(([allowed]) => allowed === method)
    if (!row) throw new Problem(405, 'com-405', `${method} is not possible on ${path}`)
    return row[2](row[1].slice(1), request)
  }
}

function json(text) {
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem(400, 'com-400', 'the body is no JSON', 'body')
  }
}
