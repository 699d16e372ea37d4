// The log: one line of JSON on stderr. Whoever calls it passes no secrets.

export function log(event, facts = {}) {
  process.stderr.write(`${JSON.stringify({ at: new Date().toISOString(), event, ...facts })}\n`)
}
