/**
 * What can be folded, as a batch of the kernel.
 *
 * Not here: reading each of the three forms (`rows.ts`, `columns.ts`, `arrow.ts`).
 */
import { addTable, type ArrowTable, isArrowTable } from './arrow.js'
import { addColumns, type Columns, rowsOf } from './columns.js'
import { IsofoldError } from './error.js'
import { kernel, type RawBatch } from './kernel.js'
import { addRows, type Row } from './rows.js'

/** Rows as objects, columns as arrays, or a table of apache-arrow. */
export type Input = readonly Row[] | Columns | ArrowTable

/** The batch of the named columns of `input`. Errors: `host.argument`. */
export function toBatch(names: readonly string[], input: Input): RawBatch {
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input)) {
    const message = 'rows must be an array of objects, an object of arrays, or an Arrow table'
    throw new IsofoldError({ code: 'host.argument', message, path: 'rows' })
  }
  const { Batch } = kernel()
  if (Array.isArray(input)) {
    return filled(new Batch(input.length), (batch) => addRows(batch, names, input as readonly Row[]))
  }
  if (isArrowTable(input)) return filled(new Batch(input.numRows), (batch) => addTable(batch, names, input))
  const columns = input as Columns
  return filled(new Batch(rowsOf(names, columns)), (batch) => addColumns(batch, names, columns))
}

function filled(batch: RawBatch, fill: (batch: RawBatch) => void): RawBatch {
  try {
    fill(batch)
    return batch
  } catch (error) {
    batch.free?.()
    throw error
  }
}
