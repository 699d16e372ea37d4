// One connection: its body, its downlink address, what it still has to deliver and the sink through which it does.

import { BrokerSink } from './brokersink.js'
import { blamePeriodOf, isActive, MQTT, THINGSBOARD } from './configuration.js'
import { HttpSink, MOST_AT_ONCE } from './httpsink.js'
import { Outbox } from './outbox.js'
import { masked } from './secrets.js'
import { ThingsBoardSink } from './thingsboard.js'

const PATIENCE_MS = 2_000
const SINKS = { [THINGSBOARD]: ThingsBoardSink, [MQTT]: BrokerSink }

export class Connection {
  #dialer
  #clock
  #onCommand
  #onDownlink
  #outbox

  constructor({ id, uuid, body, startupTime }, { dialer, clock, onCommand, onDownlink }) {
    Object.assign(this, { id, uuid, body, startupTime })
    this.#dialer = dialer
    this.#clock = clock
    this.#onCommand = onCommand
    this.#onDownlink = onDownlink
    this.#outbox = new Outbox({ clock, mostAtOnce: MOST_AT_ONCE, name: id })
  }

  get state() {
    if (!isActive(this.body)) return 'DEACTIVATED'
    return this.#outbox.sink?.state ?? 'OPENING'
  }

  get waiting() {
    return this.#outbox.size
  }

  get busy() {
    return this.#outbox.busy
  }

  /** Opens a sink for the body, if it is active; one that was there goes once what it has in flight has ended. */
  open() {
    const old = this.#outbox.sink
    this.#outbox.blamePeriod = blamePeriodOf(this.body)
    const landed = this.#outbox.landed()
    this.#outbox.sink = isActive(this.body) ? this.#newSink() : undefined
    this.#outbox.sink?.open()
    if (!old) return
    old.retired = true
    landed.then(() => old.close())
  }

  #newSink() {
    const Sink = SINKS[this.body.connectorId] ?? HttpSink
    return new Sink({
      body: this.body,
      dialer: this.#dialer,
      clock: this.#clock,
      blamePeriod: blamePeriodOf(this.body),
      onUsable: () => this.#outbox.pump(),
      onCommand: (command) => this.#onCommand(this, command),
      onDownlink: (text) => this.#onDownlink(this, text),
      identity: this.uuid,
    })
  }

  replace(body) {
    this.body = body
    this.open()
  }

  deliver(document) {
    this.#outbox.add(document)
  }

  /** Nothing goes out after this: what is in flight may end, what hangs is cut. */
  async close() {
    this.#outbox.stop()
    await Promise.race([this.#outbox.landed(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
    await this.#outbox.sink?.close()
    await this.#outbox.landed()
  }

  stored() {
    return { id: this.id, uuid: this.uuid, body: this.body, startupTime: this.startupTime }
  }

  /** As the API shows it. */
  resource(downlinkUrl) {
    const { id, state, startupTime } = this
    return { ...masked(this.body), active: isActive(this.body), id, state, startupTime, downlinkUrl }
  }
}
