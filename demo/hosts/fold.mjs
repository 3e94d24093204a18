/**
 * Folds an Arrow table and reports: the same text runs in every JavaScript host, which hands in the package as it
 * loads it and its own clock.
 */

/** Repeats a fold that takes less than this, so that one pause of the collector does not decide. */
const REPEATED_BELOW_SECONDS = 3
const REPEATS = 3

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
  } while (seconds[0] < REPEATED_BELOW_SECONDS && seconds.length < REPEATS)
  return { backend, ...told(rollup, table.numRows), seconds: seconds.sort((a, b) => a - b)[seconds.length >> 1] }
}

/** What is compared and shown of a folded rollup. */
export function told(rollup, rows) {
  return { rows, groups: rollup.size, bytes: rollup.encode().length, digest: rollup.digest() }
}
