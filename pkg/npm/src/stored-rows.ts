/**
 * Rows of a table that keeps a rollup, read back.
 *
 * Not here: what a row has to be; the kernel decides that.
 */
import { GONE, isGone, isKind, own, still } from './arrays.js'
import { call } from './call.js'
import { BLOCK_ROWS } from './column-builder.js'
import { IsofoldError } from './error.js'
import type { Handle } from './handle.js'
import { refused } from './options.js'
import { type Cell, Result } from './result.js'
import { batchesOfRows } from './rows.js'
import type { Spec } from './spec.js'
import { nameless, shown } from './words.js'

/** A group as a row: the start of its bucket, its keys, its states; metrics may stand there too. */
export interface StoredRow {
  /** The states, as `rows()` gave them. */
  readonly state: Uint8Array
}

/** The groups of a rollup as rows. Errors: `store.driver` where the addon is not loaded, and those of the kernel. */
export function rowsOf(handle: Handle, options: string): (Record<string, Cell> & StoredRow)[] {
  const { raw } = handle
  const frame = call(() => (raw.rows === undefined ? missing() : raw.rows(options)))
  const states = call(() => frame.states?.() ?? []).map(own)
  const rows = new Result(frame).rows()
  return rows.map((row, at) => Object.assign(row, { state: states[at] as Uint8Array }))
}

/** Takes rows in, bucket and keys as columns, states in one piece. Errors: `host.argument`, and those of the kernel. */
export function addRows(handle: Handle, spec: Spec, rows: readonly StoredRow[], within: string): void {
  const groupBy = spec.group_by ?? []
  const named = Array.isArray(groupBy) ? (groupBy as readonly (string | object)[]) : [groupBy as object]
  const keys = named.flatMap((key) => (typeof key === 'string' ? [key] : Object.keys(key)))
  if (!Array.isArray(rows)) throw refused(`rows must be an array of objects, got ${shown(rows)}`, 'rows')
  for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
    const part = rows.slice(start, start + BLOCK_ROWS)
    // as many rows as a batch has at most
    for (const batch of batchesOfRows(['bucket', ...keys], part)) {
      const { states, ends } = joined(part, start)
      const { raw } = handle
      try {
        call(() => (raw.addRows === undefined ? missing() : raw.addRows(batch.raw, states, ends, within)))
      } finally {
        batch.free()
      }
    }
  }
}

function joined(rows: readonly StoredRow[], start: number): { states: Uint8Array; ends: Uint32Array } {
  const ends = new Uint32Array(rows.length)
  let states = new Uint8Array(1 << 16)
  let end = 0
  for (const [row, group] of rows.entries()) {
    // what is no row is refused by the kernel
    const state: unknown = nameless(group) === undefined ? group.state : new Uint8Array(0)
    if (!isKind(state, 'Uint8Array')) {
      throw refused(`a state must be a Uint8Array, got ${shown(state)}`, `rows[${start + row}].state`)
    }
    if (isGone(state)) throw refused(GONE, `rows[${start + row}].state`)
    // copied at once: to read the next row may run anything
    const bytes = still(state)
    if (end + bytes.length > states.length) {
      const larger = new Uint8Array(2 * (end + bytes.length))
      larger.set(states.subarray(0, end))
      states = larger
    }
    states.set(bytes, end)
    end += bytes.length
    ends[row] = end
  }
  return { states: states.subarray(0, end), ends }
}

/** The wasm module has no room for what only databases need. */
function missing(): never {
  const message = 'rows of tables need the native addon, which is not loaded here'
  throw new IsofoldError({ code: 'store.driver', message, path: '' })
}
