// Delivers documents to an HTTP destination: one POST each, 2xx is the delivery.

import { setMaxListeners } from 'node:events'

import { destroyAgents } from './dial.js'
import { headersOf } from './headers.js'
import { contentOf, refuseOld, urlOf } from './options.js'

export const MOST_AT_ONCE = 16
const TIMEOUT_MS = 10_000

export class HttpSink {
  #dialer
  #agents
  #configuration
  #headers
  #state = 'OPENING'
  #abort = new AbortController()

  constructor({ body, dialer, onUsable }) {
    const { headers = {} } = body.configuration
    this.#dialer = dialer
    this.#agents = dialer.agents(MOST_AT_ONCE)
    this.#configuration = body.configuration
    this.#headers = body.brand === 'WIDGELIX' ? withOneBearer(headers) : headers
    this.onUsable = onUsable
    setMaxListeners(MOST_AT_ONCE + 1, this.#abort.signal)
  }

  open() {
    this.#state = 'OPENED'
    this.onUsable()
  }

  get state() {
    return this.#state
  }

  get usable() {
    return this.#state === 'OPENED' || this.#state === 'UNREACHABLE'
  }

  /** Resolves when the destination took it; throws otherwise, Dropped where it is not for the destination. */
  async deliver(document) {
    refuseOld(document, this.#configuration)
    const text = contentOf(document, this.#configuration)
    const headers = headersOf(this.#headers, document)
    const url = urlOf(this.#configuration.destinationURL, document, this.#configuration)
    const { status } = await this.#post(url, headers, text).catch((error) => {
      this.#fell('UNREACHABLE')
      throw error
    })
    this.#fell(status >= 200 && status < 300 ? 'OPENED' : 'UNREACHABLE')
    if (status < 200 || status >= 300) throw new Error(`the destination answered ${status}`)
  }

  #fell(state) {
    if (this.usable) this.#state = state
  }

  #post(url, headers, text) {
    return this.#dialer.request(url, {
      method: 'POST',
      headers,
      body: Buffer.from(text, 'utf8'),
      agents: this.#agents,
      timeoutMs: TIMEOUT_MS,
      signal: this.#abort.signal,
    })
  }

  close() {
    this.#state = 'CLOSED'
    this.#abort.abort()
    destroyAgents(this.#agents)
  }
}

const isAuthorization = (name) => name.toLowerCase() === 'authorization'

/** The headers with "Bearer" before Authorization's token, once. */
function withOneBearer(headers) {
  const bearer = (value) => `Bearer ${bareToken(value)}`
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isAuthorization(name) ? bearer(value) : value]),
  )
}

export const bareToken = (value) => value.trim().replace(/^(?:bearer(?:\s+|$))+/i, '')
