// Delivers documents to an HTTP destination: one POST each, 2xx is the delivery.

import { setMaxListeners } from 'node:events'

import { destroyAgents } from './dial.js'
import { headersOf } from './headers.js'

export const MOST_AT_ONCE = 16
const TIMEOUT_MS = 10_000

export class HttpSink {
  #dialer
  #agents
  #url
  #headers
  #state = 'OPENING'
  #abort = new AbortController()

  constructor({ body, dialer, onUsable }) {
    const { destinationURL, headers = {} } = body.configuration
    this.#dialer = dialer
    this.#agents = dialer.agents(MOST_AT_ONCE)
    this.#url = new URL(destinationURL)
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

  /** Resolves when the destination took it; throws otherwise. */
  async deliver(document) {
    const { status } = await this.#post(document).catch((error) => {
      this.#fell('UNREACHABLE')
      throw error
    })
    this.#fell(status >= 200 && status < 300 ? 'OPENED' : 'UNREACHABLE')
    if (status < 200 || status >= 300) throw new Error(`the destination answered ${status}`)
  }

  #fell(state) {
    if (this.usable) this.#state = state
  }

  #post(document) {
    return this.#dialer.request(this.#url, {
      method: 'POST',
      headers: headersOf(this.#headers, document),
      body: Buffer.from(document.text, 'utf8'),
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
