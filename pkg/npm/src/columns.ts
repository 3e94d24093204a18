/**
 * Columns as arrays and typed arrays.
 *
 * Not here: whether the values fit the declared type; the kernel decides.
 */
import { bits, ColumnBuilder } from './column-builder.js'
import { IsofoldError } from './error.js'
import type { RawBatch } from './kernel.js'

/** The cells of a column. */
export type ColumnInput =
  | readonly unknown[]
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

/** Columns by name, all of one length; those the spec does not declare are left alone. */
export type Columns = Readonly<Record<string, ColumnInput>>

/** The length of the first of the named columns; the kernel refuses others of another length. */
export function rowsOf(names: readonly string[], columns: Columns): number {
  const name = names.find((name) => columns[name] != null)
  return name === undefined ? 0 : ((columns[name] as ColumnInput).length ?? 0)
}

/** Hands the named columns to the kernel, which misses those that are absent. */
export function addColumns(batch: RawBatch, names: readonly string[], columns: Columns): void {
  for (const name of names) {
    const values = columns[name]
    if (values != null) addColumn(batch, name, values)
  }
}

/** Hands one column to the kernel; `valid` has a 0 where a row is NULL. Errors: `host.argument`. */
export function addColumn(batch: RawBatch, name: string, values: ColumnInput, valid?: Uint8Array): void {
  if (Array.isArray(values)) return addCells(batch, name, values)
  if (values instanceof Float64Array) return batch.numbers(name, bits(values), valid)
  if (values instanceof BigInt64Array) return batch.integers(name, values, valid)
  if (values instanceof BigUint64Array) return batch.unsigned(name, values, valid)
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) {
    // Every integer of 32 bits and every float of 32 bits is exactly a double.
    return batch.numbers(name, bits(Float64Array.from(values as unknown as ArrayLike<number>)), valid)
  }
  const message = `a column must be an array or a typed array, got ${typeof values}`
  throw new IsofoldError({ code: 'host.argument', message, path: `column.${name}` })
}

/** Hands a column of cells to the kernel. */
export function addCells(batch: RawBatch, name: string, cells: readonly unknown[]): void {
  new ColumnBuilder(cells.length).addTo(batch, name, cells, cells.length)
}
