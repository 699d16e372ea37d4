// The options of a connection that decide what of a document goes out, and with which query.

import { Dropped } from './outbox.js'
import { sign } from './token.js'

const DURATION = /^([1-9]\d*)([smhd])$/
const SECONDS = { s: 1, m: 60, h: 3600, d: 86400 }

export const isDuration = (value) => typeof value === 'string' && DURATION.test(value)

/** Throws Dropped for an uplink whose Time is older than the connection allows. Documents tell wall time. */
export function refuseOld(document, { uplinkTimeValidity }) {
  if (uplinkTimeValidity === undefined || !document.isUplink) return
  const [, count, unit] = DURATION.exec(uplinkTimeValidity)
  const limit = count * SECONDS[unit]
  const age = (Date.now() - Date.parse(document.field('Time'))) / 1000
  if (age > limit) throw new Dropped(`the uplink is ${Math.floor(age)} s old, and ${limit} s are allowed`)
}

/** The text that is posted; throws Dropped where the connection wants nothing of the document. */
export function contentOf(document, { sendMetadata, sendRawDecodedFormat }) {
  if (sendMetadata) {
    if (!document.isUplink) throw new Dropped('with sendMetadata only uplinks are delivered')
    return document.textOf(document.root)
  }
  const payload = document.isUplink ? document.root.members.get('payload') : undefined
  return sendRawDecodedFormat && payload ? document.textOf(payload) : document.text
}

/** The URL of one delivery: with lrcCompliance the tunnel's six parameters follow its own query. */
export function urlOf(destination, document, { lrcCompliance, tiak, downlinkAsId }) {
  const url = new URL(destination)
  if (!lrcCompliance) return url
  const signed = [
    ['LrnDevEui', document.field('DevEUI')],
    ['LrnFPort', document.field('FPort')],
    ['LrnInfos', document.origin],
    ['AS_ID', downlinkAsId],
    ['Time', new Date().toISOString().replace('Z', '+00:00')],
  ].filter(([, value]) => value !== undefined)
  const query = [...signed, ['Token', sign(document.signed, signed, tiak)]]
  const written = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  url.search = url.search ? `${url.search}&${written}` : written
  return url
}
