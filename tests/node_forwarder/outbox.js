// What a connection still has to deliver: first in, first out for each device, one at a time for each device,
// and after a failure nothing for the blame period; then what failed goes first, alone.

import { log } from './log.js'

const SHORTEST_PAUSE_S = 0.1

/** Thrown by a sink that was closed or lost before it could try: no failure, the document simply waits. */
export class NotTried extends Error {}

/** Thrown by a sink for a document that can never go out: it leaves the queue, and holds up nothing. */
export class Dropped extends Error {}

export class Outbox {
  #clock
  #mostAtOnce
  #lines = new Map() // device -> {items: [{sequence, document}], busy, failed}
  #ready = [] // lines with something to send and nothing in flight, in the order in which they may start
  #flights = new Set()
  #sequence = 0
  #failedAt
  #probing = false
  #timer
  #stopped = false

  constructor({ clock, mostAtOnce, name }) {
    this.#clock = clock
    this.#mostAtOnce = mostAtOnce
    this.name = name
    this.blamePeriod = 0
    this.sink = undefined
    this.size = 0
  }

  add(document) {
    if (this.#stopped) return
    const line = this.#lines.get(document.device) ?? { items: [], busy: false, failed: false }
    this.#lines.set(document.device, line)
    line.items.push({ sequence: (this.#sequence += 1), document })
    this.size += 1
    if (!line.busy && line.items.length === 1) this.#ready.push(line)
    this.pump()
  }

  /** Starts whatever may start now. */
  pump() {
    clearTimeout(this.#timer)
    if (this.#stopped || !this.sink?.usable || this.#ready.length === 0) return
    if (this.#failedAt !== undefined) {
      const due = this.#failedAt + Math.max(this.blamePeriod, SHORTEST_PAUSE_S)
      if (this.#clock.now() < due) {
        this.#timer = this.#clock.timer(due, () => this.pump())
        return
      }
      this.#failedAt = undefined
    }
    const most = this.#probing ? 1 : this.#mostAtOnce
    while (this.#ready.length > 0 && this.#flights.size < most) this.#start(this.#ready.shift())
  }

  #start(line) {
    line.busy = true
    line.probe = this.#probing
    const flight = this.sink
      .deliver(line.items[0].document)
      .then(
        () => this.#delivered(line),
        (error) => this.#failed(line, error),
      )
      .finally(() => {
        this.#flights.delete(flight)
        this.pump()
      })
    this.#flights.add(flight)
  }

  #delivered(line) {
    if (line.probe) this.#probing = false
    this.#leaves(line)
  }

  /** The first of the line is done with; the next one of the device may start. */
  #leaves(line) {
    const { document } = line.items.shift()
    line.busy = line.failed = false
    this.size -= 1
    if (line.items.length > 0) this.#ready.push(line)
    else this.#lines.delete(document.device)
  }

  #failed(line, error) {
    const { sequence, document } = line.items[0]
    const told = { connection: this.name, device: document.device, document: document.name, reason: error.message }
    if (error instanceof Dropped) {
      log('document dropped', { ...told, counter: document.field('FCntUp') })
      this.#leaves(line)
      return
    }
    const goesBefore = (other) => other.failed && other.items[0].sequence < sequence
    const place = this.#ready.findIndex((other) => !goesBefore(other))
    this.#ready.splice(place < 0 ? this.#ready.length : place, 0, line)
    line.busy = false
    line.failed = true
    if (error instanceof NotTried || this.#stopped) return
    this.#failedAt = this.#clock.now()
    this.#probing = true
    log('delivery failed', told)
  }

  /** True while something may go out without waiting for a blame period. */
  get busy() {
    const open = this.sink?.usable && this.#failedAt === undefined
    return this.#flights.size > 0 || (this.#ready.length > 0 && open)
  }

  /** Resolves when nothing is in flight any more. */
  async landed() {
    await Promise.all(this.#flights)
  }

  /** Nothing starts any more, whatever waits is dropped. */
  stop() {
    this.#stopped = true
    clearTimeout(this.#timer)
  }
}
