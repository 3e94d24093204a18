/**
 * Rows of a table that keeps a rollup, read back.
 *
 * Not here: what a row has to be; the kernel decides that.
 */
import { BLOCK_ROWS } from './column-builder.js'
import { call, IsofoldError } from './error.js'
import type { RawRollup } from './kernel.js'
import { type Cell, Result } from './result.js'
import { batchesOfRows } from './rows.js'
import type { Spec } from './spec.js'

/** A group as a row: the start of its bucket, its keys, its states; metrics may stand there too. */
export interface StoredRow {
  readonly [column: string]: unknown
  /** The states, as `rows()` gave them. */
  readonly state: Uint8Array
}

/** The groups of a rollup as rows. Errors: `store.driver` where the addon is not loaded, and those of the kernel. */
export function rowsOf(raw: RawRollup): (Record<string, Cell> & StoredRow)[] {
  const frame = call(() => (raw.rows === undefined ? missing() : raw.rows()))
  const states = frame.states?.() ?? []
  const rows = new Result(frame).rows()
  return rows.map((row, at) => Object.assign(row, { state: states[at] as Uint8Array }))
}

/** Takes rows in, bucket and keys as columns, states in one piece. Errors: `host.argument`, and those of the kernel. */
export function addRows(raw: RawRollup, spec: Spec, rows: readonly StoredRow[]): void {
  const groupBy = spec.group_by ?? []
  const named = Array.isArray(groupBy) ? (groupBy as readonly (string | object)[]) : [groupBy as object]
  const keys = named.flatMap((key) => (typeof key === 'string' ? [key] : Object.keys(key)))
  if (!Array.isArray(rows)) throw refused(`rows must be an array of objects, got ${typeof rows}`, 'rows')
  for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
    const part = rows.slice(start, start + BLOCK_ROWS)
    // as many rows as a batch has at most
    for (const batch of batchesOfRows(['bucket', ...keys], part)) {
      const { states, ends } = joined(part, start)
      call(() => (raw.addRows === undefined ? missing() : raw.addRows(batch, states, ends)))
      batch.free?.()
    }
  }
}

function joined(rows: readonly StoredRow[], start: number): { states: Uint8Array; ends: Uint32Array } {
  const ends = new Uint32Array(rows.length)
  let length = 0
  for (const [row, { state }] of rows.entries()) {
    if (!(state instanceof Uint8Array)) {
      throw refused(`a state must be a Uint8Array, got ${state === null ? 'null' : typeof state}`, `rows[${start + row}].state`)
    }
    length += state.length
    ends[row] = length
  }
  const states = new Uint8Array(length)
  rows.forEach(({ state }, row) => states.set(state, (ends[row] as number) - state.length))
  return { states, ends }
}

/** The wasm module has no room for what only databases need. */
function missing(): never {
  const message = 'rows of tables need the native addon, which is not loaded here'
  throw new IsofoldError({ code: 'store.driver', message, path: '' })
}

function refused(message: string, path: string): IsofoldError {
  return new IsofoldError({ code: 'host.argument', message, path })
}
