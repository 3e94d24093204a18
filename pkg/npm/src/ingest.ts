/**
 * What can be folded, as batches of the kernel.
 *
 * Not here: reading each of the three forms (`rows.ts`, `columns.ts`, `arrow.ts`).
 */
import { type ArrowTable, batchesOfTable, isArrowTable } from './arrow.js'
import { batchesOfColumns, type Columns } from './columns.js'
import { IsofoldError } from './error.js'
import type { Batch } from './batch.js'
import { batchesOfRows, type Row } from './rows.js'

/** Rows as objects, columns, or a table of apache-arrow. */
export type Input = readonly Row[] | Columns | ArrowTable

/**
 * The named columns of `input` in batches, each of which must be folded before the next is asked for.
 *
 * Errors: `host.argument`.
 */
export function batchesOf(names: readonly string[], input: Input): Iterable<Batch> {
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input)) {
    const message = 'rows must be an array of objects, an object of arrays, or an Arrow table'
    throw new IsofoldError({ code: 'host.argument', message, path: 'rows' })
  }
  if (Array.isArray(input)) return batchesOfRows(names, input as readonly Row[])
  if (isArrowTable(input)) return batchesOfTable(names, input)
  return batchesOfColumns(names, input as Columns)
}
