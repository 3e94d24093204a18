/**
 * Rows as objects, turned into columns.
 *
 * The one idea: a few rows stay in the processor's cache while one column after the other is taken out of them, and a
 * key that a row lacks is NULL.
 */
import { BLOCK_ROWS, ColumnBuilder, TILE_ROWS } from './column-builder.js'
import { IsofoldError } from './error.js'
import { Batch } from './batch.js'

/** A row: an object with the columns as properties of its own; other keys are left alone. */
export type Row = object

/** Who is told which keys rows have, for the kernel to decide what is a typing error. */
export interface Keys {
  /** Whether all keys of all rows are asked for; else those of blocks in which a column has no value. */
  readonly all: boolean
  see(keys: string[]): void
}

/** Distinct keys that are told at once. */
const MAX_KEYS = 1 << 10

/**
 * The batches of `rows`, each of which must be folded before the next is asked for; `first` rows came before them.
 *
 * Errors: `host.argument` when a row is not an object.
 */
export function* batchesOfRows(names: readonly string[], rows: readonly Row[], keys?: Keys, first = 0): Generator<Batch> {
  const capacity = Math.min(BLOCK_ROWS, rows.length)
  const builders = names.map((name) => new ColumnBuilder(capacity, name))
  for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows.length - start)
    for (const builder of builders) builder.begin(rows, start)
    for (let tile = 0; tile < count; tile += TILE_ROWS) {
      const end = Math.min(tile + TILE_ROWS, count)
      if (!arePlain(rows, start + tile, start + end, first)) for (const builder of builders) builder.readOwn()
      for (const builder of builders) builder.take(end)
    }
    if (keys !== undefined && (keys.all || builders.some((builder) => builder.isNull))) tellKeys(keys, rows, start, start + count)
    const batch = new Batch(count)
    builders.forEach((builder, column) => builder.addTo(batch, names[column] as string))
    yield batch
  }
}

function tellKeys(keys: Keys, rows: readonly object[], start: number, end: number): void {
  const seen = new Set<string>()
  for (let row = start; row < end; row++) {
    for (const key of Object.keys(rows[row] as object)) seen.add(key)
    if (seen.size > MAX_KEYS) {
      keys.see([...seen])
      seen.clear()
    }
  }
  keys.see([...seen])
}

/** Whether reading `__proto__` costs nothing and tells what an object inherits from; a host can forbid or remove it. */
const tellsParent = ((): boolean => {
  try {
    return ({} as { __proto__?: unknown }).__proto__ === Object.prototype
  } catch {
    return false
  }
})()

/** Whether rows inherit from `Object` of this realm alone. Errors: `host.argument` when one is not an object. */
function arePlain(rows: readonly unknown[], start: number, end: number, first: number): boolean {
  let areAll = tellsParent
  for (let row = start; row < end; row++) {
    const value = rows[row]
    if (typeof value !== 'object' || value === null) {
      const message = `a row must be an object, got ${value === null ? 'null' : typeof value}`
      throw new IsofoldError({ code: 'host.argument', message, path: `rows[${first + row}]` })
    }
    if (areAll && (value as { __proto__?: unknown }).__proto__ !== Object.prototype) areAll = false
  }
  return areAll
}
