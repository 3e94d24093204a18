/**
 * Rows as objects, turned into columns.
 *
 * The one idea: a block of rows is small enough to stay in the processor's cache while one column after the other is
 * taken out of it, and a key that a row lacks is NULL.
 */
import { BLOCK_ROWS, ColumnBuilder } from './column-builder.js'
import { IsofoldError } from './error.js'
import { kernel, type RawBatch } from './kernel.js'

/** A row: column names and their values; other keys are left alone. */
export type Row = Readonly<Record<string, unknown>>

/**
 * The batches of `rows`, each of which must be folded before the next is asked for.
 *
 * Errors: `host.argument` when a row is not an object.
 */
export function* batchesOfRows(names: readonly string[], rows: readonly Row[]): Generator<RawBatch> {
  const capacity = Math.min(BLOCK_ROWS, rows.length)
  const builders = names.map(() => new ColumnBuilder(capacity))
  const cells: unknown[] = new Array(capacity).fill(null)
  for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows.length - start)
    checkRows(rows, start, count)
    const batch = new (kernel().Batch)(count)
    for (let column = 0; column < names.length; column++) {
      const name = names[column] as string
      for (let i = 0; i < count; i++) cells[i] = (rows[start + i] as Row)[name]
      ;(builders[column] as ColumnBuilder).addTo(batch, name, cells, count)
    }
    yield batch
  }
}

function checkRows(rows: readonly unknown[], start: number, count: number): void {
  for (let row = start; row < start + count; row++) {
    const value = rows[row]
    if (typeof value !== 'object' || value === null) {
      const message = `a row must be an object, got ${value === null ? 'null' : typeof value}`
      throw new IsofoldError({ code: 'host.argument', message, path: `rows[${row}]` })
    }
  }
}
