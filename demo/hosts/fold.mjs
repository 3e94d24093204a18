/**
 * Folds an Arrow table and reports: the same text runs in every JavaScript host, which hands in the package as it
 * loads it and its own clock.
 */

/** Whether to fold again: a few times and for a second, so that neither a first run nor one pause decides. */
export function isRepeated(seconds) {
  const total = seconds.reduce((sum, one) => sum + one, 0)
  return total < (seconds.length < 3 ? 3 : 1)
}

/** The middle one of several times. */
export function median(seconds) {
  return seconds.toSorted((a, b) => a - b)[seconds.length >> 1]
}

/** The report of one fold after another; `seconds` is the median. */
export function measure({ Rollup, backend }, spec, table, now) {
  const seconds = []
  let rollup
  do {
    rollup?.free()
    const started = now()
    rollup = new Rollup(spec)
    rollup.ingest(table)
    seconds.push((now() - started) / 1000)
  } while (isRepeated(seconds))
  return { backend, ...told(rollup, table.numRows), seconds: median(seconds) }
}

/** What is compared and shown of a folded rollup. */
export function told(rollup, rows) {
  return { rows, groups: rollup.size, bytes: rollup.encode().length, digest: rollup.digest() }
}
