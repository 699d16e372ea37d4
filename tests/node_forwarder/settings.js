// What the environment says, checked once.

import { readFileSync } from 'node:fs'

/** "host:port", the host perhaps an IPv6 address in brackets. */
export function splitHostPort(text) {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  if (!match || Number(match[3]) > 65535) return undefined
  return { host: (match[1] ?? match[2]).toLowerCase(), port: Number(match[3]) }
}

function resolved(text) {
  const names = new Map()
  for (const entry of text.split(',').filter(Boolean)) {
    const [from, to] = entry.split('=').map((part) => splitHostPort(part.trim()))
    if (!from || !to) throw new Error(`UPLAB_RESOLVE: not host:port=address:port: ${entry}`)
    names.set(`${from.host}:${from.port}`, to)
  }
  return names
}

/** "address:port=transport,...": what speaks at each, where no documented port tells it. */
function spoken(text) {
  return new Map(text.split(',').filter(Boolean).map((entry) => entry.split('=')))
}

/** Where requests go first, and which hosts need no proxy. */
function proxied(env) {
  const url = env.HTTPS_PROXY ?? env.https_proxy ?? env.HTTP_PROXY ?? env.http_proxy
  if (!url) return undefined
  const { hostname: host, port } = new URL(url)
  return { host, port: Number(port) || 80, not: new Set((env.NO_PROXY ?? env.no_proxy ?? '').split(',')) }
}

function clocked(text) {
  if (!text) return undefined
  const [epoch, origin, rate] = text.split(',').map(Number)
  if (![epoch, origin, rate].every(Number.isFinite) || rate <= 0) throw new Error('UPLAB_CLOCK: not epoch,origin,rate')
  return { epoch, origin, rate }
}

export function readSettings(env) {
  const listen = splitHostPort(env.UPLAB_LISTEN ?? '127.0.0.1:0')
  if (!listen) throw new Error('UPLAB_LISTEN: not host:port')
  return {
    listen,
    networkUrl: (env.UPLAB_NETWORK_URL ?? '').replace(/\/+$/, ''),
    asId: env.UPLAB_AS_ID ?? '',
    asKey: env.UPLAB_AS_KEY ?? '',
    connections: JSON.parse(env.UPLAB_CONNECTIONS || '[]'),
    ca: env.UPLAB_CA ? readFileSync(env.UPLAB_CA) : undefined,
    resolve: resolved(env.UPLAB_RESOLVE ?? ''),
    transports: spoken(env.UPLAB_TRANSPORTS ?? ''),
    proxy: proxied(env),
    clock: clocked(env.UPLAB_CLOCK),
    publicBase: env.UPLAB_PUBLIC_BASE?.replace(/\/+$/, ''),
    stateDir: env.UPLAB_STATE_DIR,
  }
}
