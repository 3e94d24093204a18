/**
 * What can be folded, as batches of the kernel.
 *
 * Not here: reading each of the three forms (`rows.ts`, `columns.ts`, `arrow.ts`).
 */
import { addTable, type ArrowTable, isArrowTable } from './arrow.js'
import { addColumns, type Columns, rowsOf } from './columns.js'
import { IsofoldError } from './error.js'
import { kernel, type RawBatch } from './kernel.js'
import { batchesOfRows, type Row } from './rows.js'

/** Rows as objects, columns as arrays, or a table of apache-arrow. */
export type Input = readonly Row[] | Columns | ArrowTable

/**
 * The named columns of `input` in batches, each of which must be folded before the next is asked for.
 *
 * Errors: `host.argument`.
 */
export function batchesOf(names: readonly string[], input: Input): Iterable<RawBatch> {
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input)) {
    const message = 'rows must be an array of objects, an object of arrays, or an Arrow table'
    throw new IsofoldError({ code: 'host.argument', message, path: 'rows' })
  }
  if (Array.isArray(input)) return batchesOfRows(names, input as readonly Row[])
  const { Batch } = kernel()
  if (isArrowTable(input)) {
    const batch = new Batch(input.numRows)
    addTable(batch, names, input)
    return [batch]
  }
  const columns = input as Columns
  const batch = new Batch(rowsOf(names, columns))
  addColumns(batch, names, columns)
  return [batch]
}
