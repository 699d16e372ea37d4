// Scheduled time, which may run faster than the wall's. Only schedules look at it, never a socket's timeout.

const LONGEST_TIMER_MS = 2 ** 31 - 1
const monotonic = () => Number(process.hrtime.bigint()) / 1e9 // CLOCK_MONOTONIC

export class Clock {
  #epoch
  #origin
  #rate

  constructor({ epoch, origin, rate } = { epoch: Date.now() / 1000, origin: monotonic(), rate: 1 }) {
    this.#epoch = epoch
    this.#origin = origin
    this.#rate = rate
  }

  /** Scheduled seconds. */
  now() {
    return this.#epoch + (monotonic() - this.#origin) * this.#rate
  }

  /** Calls back no sooner than at that scheduled time; returns what clearTimeout takes. */
  timer(due, callback) {
    const ms = Math.max(0, ((due - this.now()) / this.#rate) * 1000)
    return setTimeout(callback, Math.min(Math.ceil(ms), LONGEST_TIMER_MS))
  }
}
