// Node-RED as it comes, with one flow that is made from UPLAB_CONNECTIONS, as a user would draw it: an "http in" node
// takes the uplinks and answers; for each connection a function sets the headers, and an "http request" node posts.
// NODE_RED is its red.js, where it is not beside the program `node-red` of the PATH.

const { spawn } = require('node:child_process')
const { writeFileSync } = require('node:fs')
const net = require('node:net')
const { join, resolve } = require('node:path')

const folder = process.env.UPLAB_STATE_DIR ?? process.cwd()
const red = process.env.NODE_RED ? ['node', process.env.NODE_RED] : ['node-red']

// A header whose pattern finds nothing is no header: then nothing is sent.
const FIELDS = `
const uplink = Object.values(msg.payload)[0];
const found = (path) => path.split('.').reduce((value, name) => value?.[name], uplink);
const filled = (text) => text.replace(/{([^{}]+)}/g, (_, path) => found(path) ?? '{}');
msg.headers = Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name, filled(value)]));
return Object.values(msg.headers).some((value) => value.includes('{}')) ? null : msg;`

function flow(connections) {
  const tab = { id: 'tab', type: 'tab', label: 'uplab' }
  const starts = connections.map((_, index) => `fields${index}`)
  const nodes = [
    tab,
    { id: 'in', type: 'http in', z: 'tab', url: '/ingress', method: 'post', wires: [['taken', ...starts]] },
    { id: 'taken', type: 'function', z: 'tab', func: 'msg.payload = {}; return msg;', outputs: 1, wires: [['answer']] },
    { id: 'answer', type: 'http response', z: 'tab', statusCode: '200', wires: [] },
  ]
  for (const [index, { configuration }] of connections.entries()) {
    const func = `const HEADERS = ${JSON.stringify(configuration.headers ?? {})};${FIELDS}`
    nodes.push({ id: `fields${index}`, type: 'function', z: 'tab', func, outputs: 1, wires: [[`post${index}`]] })
    const url = configuration.destinationURL
    nodes.push({ id: `post${index}`, type: 'http request', z: 'tab', method: 'POST', ret: 'txt', url, wires: [[]] })
  }
  return nodes
}

/** The port that was given, or a free one. */
function portOf({ port }) {
  if (port !== '0') return Promise.resolve(Number(port))
  return new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const found = server.address().port
      server.close(() => done(found))
    })
  })
}

/** Resolves when somebody listens there. */
function listening(port) {
  return new Promise((done) => {
    const attempt = () => {
      const socket = net.connect(port, '127.0.0.1')
      socket.once('connect', () => (socket.destroy(), done()))
      socket.once('error', () => setTimeout(attempt, 50))
    }
    attempt()
  })
}

async function main() {
  const [host, given] = (process.env.UPLAB_LISTEN ?? '127.0.0.1:0').split(':')
  const port = await portOf({ port: given })
  const settings = { uiPort: port, uiHost: host, flowFile: 'flows.json', httpAdminRoot: false, credentialSecret: false }
  writeFileSync(join(folder, 'settings.js'), `module.exports = ${JSON.stringify({ ...settings, telemetry: { enabled: false } })}\n`)
  writeFileSync(join(folder, 'flows.json'), JSON.stringify(flow(JSON.parse(process.env.UPLAB_CONNECTIONS ?? '[]'))))
  const [program, ...first] = red
  const child = spawn(program, [...first, '--settings', join(folder, 'settings.js'), '--userDir', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: resolve(process.env.UPLAB_CA) },
  })
  child.on('error', (error) => {
    console.error(`${program} cannot be run: ${error.code}; NODE_RED takes the path of Node-RED's red.js`)
    process.exit(1)
  })
  child.on('exit', (code) => process.exit(code ?? 1))
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill('SIGTERM'))
  let said = ''
  await new Promise((done) => {
    child.stdout.on('data', (chunk) => {
      process.stderr.write(chunk)
      said = (said + chunk).slice(-4096)
      if (said.includes('Started flows')) done()
    })
  })
  await listening(port)
  console.log(JSON.stringify({ ingress: `http://${host}:${port}/ingress` }))
}

main()
