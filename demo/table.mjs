/** What the demonstration prints of its hosts: how fast each was, and whether all came to the same bytes. */

const DIGEST = 12
const WIDTHS = [24, -8, -13, -8]

/** The head of the table of hosts. */
export function head() {
  return line('host', 'threads', 'rows/s', 'ns/row', `digest`.padEnd(DIGEST), '')
}

/** One host's line; `expected` is the digest that the first host found. */
export function hostLine(found, expected) {
  const name = [found.name, found.version && major(found.version), found.backend].filter(Boolean).join(' ')
  if (found.problem !== undefined) return `${name.padEnd(WIDTHS[0])}  ✗ ${found.problem.replaceAll('\n', '\n    ')}`
  const perSecond = Math.round(found.rows / found.seconds).toLocaleString('en-US')
  const nanoseconds = ((found.seconds / found.rows) * 1e9).toFixed(1)
  return line(name, String(found.threads), perSecond, nanoseconds, found.digest.slice(0, DIGEST), found.digest === expected ? '✓' : '✗')
}

/** The line of a host that the machine has not. */
export function absentLine({ name, absent }) {
  return `${name.padEnd(WIDTHS[0])}  not on this machine: ${absent}`
}

/** The verdict over all hosts. */
export function verdict(reports) {
  const digests = new Set(reports.map(({ digest }) => digest))
  const failed = reports.filter(({ problem }) => problem !== undefined).length
  if (failed > 0) return `✗ ${failed} of ${reports.length} hosts failed`
  if (digests.size > 1) return `✗ ${reports.length} hosts, ${digests.size} digests:\n${[...digests].join('\n')}`
  return `✓ ${reports.length} hosts, one digest\n  sha256 ${[...digests][0]}`
}

/** Bytes in the unit a person would say. */
export function size(bytes) {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`
}

function line(...cells) {
  const placed = cells.map((cell, i) => ((WIDTHS[i] ?? 0) < 0 ? cell.padStart(-WIDTHS[i]) : cell.padEnd(WIDTHS[i] ?? 0)))
  return placed.join('  ').trimEnd()
}

function major(version) {
  return version.split('.').slice(0, 2).join('.')
}
