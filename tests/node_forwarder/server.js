// The listening side: whole bodies in, JSON out, Problems as their status.

import { createServer } from 'node:http'

import { log } from './log.js'
import { Problem } from './problem.js'

const MOST_BODY_BYTES = 4 * 1024 * 1024

export class Server {
  #route
  #server
  #stopping = false

  constructor(route) {
    this.#route = route
    this.#server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => this.#serve(request, response))
  }

  /** Resolves to the port once it listens. */
  listen({ host, port }) {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => resolve(this.#server.address().port))
    })
  }

  routeTo(route) {
    this.#route = route
  }

  async #serve(request, response) {
    const { status, body } = await this.#answer(request).catch((error) => this.#refused(error))
    const text = body === undefined ? undefined : Buffer.from(JSON.stringify(body), 'utf8')
    if (this.#stopping || !request.complete) response.setHeader('Connection', 'close')
    response.writeHead(status, text && { 'Content-Type': 'application/json', 'Content-Length': text.length })
    response.end(text)
  }

  async #answer(request) {
    const url = new URL(request.url, 'http://localhost')
    const text = await bodyOf(request)
    if (this.#stopping) throw new Problem(503, 'com-503', 'the forwarder is stopping')
    return this.#route(request.method, url.pathname, { query: url.searchParams, text })
  }

  #refused(error) {
    if (error instanceof Problem) return { status: error.status, body: error }
    log('error', { reason: error.stack })
    return { status: 500, body: { code: 'com-500', message: 'an error of the forwarder' } }
  }

  /** Takes nothing more; resolves when the last answer is out. */
  stop() {
    this.#stopping = true
    const stopped = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeIdleConnections()
    return stopped
  }

  cut() {
    this.#server.closeAllConnections()
  }
}

async function bodyOf(request) {
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MOST_BODY_BYTES) throw new Problem(413, 'com-413', 'the body is too large')
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new Problem(400, 'com-400', 'the body is not UTF-8, so it is no JSON')
  }
}
