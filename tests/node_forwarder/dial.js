// Outgoing connections: names led elsewhere as the environment says, by its table or its proxy, the lab's authority
// trusted and no other, while Host header, SNI and certificate check keep the name.

import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'

const IDLE_SOCKET_MS = 3_000 // sooner than servers tire of an idle connection
const MOST_ANSWER_BYTES = 64 * 1024
const SECURE_PORTS = new Set([443, 8883])

export class Dialer {
  #ca
  #resolve
  #transports
  #proxy

  constructor({ ca, resolve, transports, proxy }) {
    this.#ca = ca
    this.#resolve = resolve
    this.#transports = transports
    this.#proxy = proxy
  }

  /** Whether TLS is spoken there: as the environment says, else by the port. */
  isSecure(host, port) {
    return this.#transports.get(`${host}:${port}`)?.endsWith('s') ?? SECURE_PORTS.has(port)
  }

  #where(host, port) {
    return this.#resolve.get(`${host.toLowerCase()}:${port}`) ?? { host, port }
  }

  #security(host) {
    return {
      ca: this.#ca,
      servername: net.isIP(host) ? '' : host,
      checkServerIdentity: (_, certificate) => tls.checkServerIdentity(host, certificate),
    }
  }

  /** What of a request's options leads it through the proxy; undefined where there is none for this host. */
  #through(host, port, protocol, url) {
    if (!this.#proxy || this.#proxy.not.has(host)) return undefined
    const { host: proxyHost, port: proxyPort } = this.#proxy
    if (protocol === 'http:') return { host: proxyHost, port: proxyPort, path: url.href, agent: undefined }
    return { agent: undefined, createConnection: (_, done) => this.#tunnel(host, port, done) }
  }

  #tunnel(host, port, done) {
    const where = `${host}:${port}`
    const { host: proxyHost, port: proxyPort } = this.#proxy
    const options = { host: proxyHost, port: proxyPort, method: 'CONNECT', path: where, headers: { Host: where } }
    const request = http.request(options)
    request.on('error', done)
    request.on('connect', ({ statusCode }, socket) => {
      if (statusCode !== 200) return done(new Error(`the proxy answered ${statusCode}`))
      done(null, tls.connect({ socket, ...this.#security(host) }))
    })
    request.end()
  }

  /** A socket to host:port, with TLS when it is `secure`; `security` goes before the lab's own. */
  socket(host, port, secure, security = {}) {
    const where = this.#where(host, port)
    return secure ? tls.connect({ ...where, ...this.#security(host), ...security }) : net.connect(where)
  }

  /** Kept-alive connections that belong together, for request() and in the end destroyAgents(). */
  agents(maxSockets) {
    const options = { keepAlive: true, maxSockets, timeout: IDLE_SOCKET_MS }
    return { 'http:': new http.Agent(options), 'https:': new https.Agent(options) }
  }

  /** One request, redirects not followed: {status, text} once the answer ended; rejects where there is no status. */
  request(url, { method, headers, body, agents, timeoutMs, signal }) {
    const { protocol, port, pathname, search } = url
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const number = Number(port) || (protocol === 'https:' ? 443 : 80)
    const options = {
      ...this.#where(host, number),
      ...(protocol === 'https:' && this.#security(host)),
      method,
      path: pathname + search,
      headers: { Host: url.host, ...headers, 'Content-Length': String(body.length) },
      agent: agents[protocol],
      signal,
      ...this.#through(host, number, protocol, url),
    }
    return new Promise((resolve, reject) => {
      const request = (protocol === 'https:' ? https : http).request(options)
      const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
      let answered = false
      request.on('error', (error) => {
        clearTimeout(timer)
        if (!answered) reject(error)
      })
      request.on('response', (response) => {
        answered = true
        answer(response).then((text) => {
          clearTimeout(timer)
          resolve({ status: response.statusCode, text })
        })
      })
      request.end(body)
    })
  }
}

export function destroyAgents(agents) {
  for (const agent of Object.values(agents)) agent.destroy()
}

/** The answer's body, or its beginning, whether it ended well or not: the status has been said. */
function answer(response) {
  return new Promise((resolve) => {
    const chunks = []
    let size = 0
    const done = () => resolve(Buffer.concat(chunks).toString('utf8'))
    response.on('data', (chunk) => {
      size += chunk.length
      if (size <= MOST_ANSWER_BYTES) chunks.push(chunk)
    })
    response.on('error', done)
    response.on('close', done)
  })
}
