// A forwarder under test, written from scenarios/CONTRACT.md alone.

import { Clock } from './clock.js'
import { commandHandler } from './command.js'
import { Dialer } from './dial.js'
import { Downlinks } from './downlink.js'
import { Ingress } from './ingress.js'
import { log } from './log.js'
import { Registry } from './registry.js'
import { routes } from './routes.js'
import { Server } from './server.js'
import { readSettings } from './settings.js'

const LONGEST_STOP_MS = 6_000
const STOP_STEP_MS = 20

const settings = readSettings(process.env)
const server = new Server(async () => {
  throw new Error('a request before the ready line')
})
const port = await server.listen(settings.listen)
const host = settings.listen.host.includes(':') ? `[${settings.listen.host}]` : settings.listen.host
const own = `http://${host === '0.0.0.0' || host === '[::]' ? '127.0.0.1' : host}:${port}`
const publicBase = settings.publicBase ?? own

const dialer = new Dialer(settings)
const downlinks = new Downlinks({ dialer, ...settings })
const isBound = (connection, device) => registry.boundTo(device).includes(connection)
const onCommand = commandHandler(downlinks, isBound)
const onDownlink = (connection, text) => downlinks.submit(connection, text, (devEui) => isBound(connection, devEui))
const clock = new Clock(settings.clock)
const everyDevice = settings.connections.length > 0 // connections that are static get everything
const registry = new Registry({ stateDir: settings.stateDir, publicBase, everyDevice, dialer, clock, onCommand, onDownlink })
const ingress = new Ingress({ registry, ...settings })

registry.load()
if (registry.connections().length === 0) for (const body of settings.connections) registry.create(body)
server.routeTo(routes({ registry, ingress, downlinks, isBound }))

async function stop() {
  const deadline = performance.now() + LONGEST_STOP_MS
  const stopped = server.stop()
  while (registry.connections().some(({ busy }) => busy) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, STOP_STEP_MS))
  }
  await Promise.all(registry.connections().map((connection) => connection.close()))
  server.cut()
  await stopped
  log('stopped')
  process.exit(0)
}
process.once('SIGTERM', stop)
process.once('SIGINT', stop)

const ready = { api: `${own}/iot-flow/v1`, ingress: `${own}/ingress`, downlink_base: publicBase }
process.stdout.write(`${JSON.stringify(ready)}\n`)
