/**
 * Columns as arrays, typed arrays, and codes into texts.
 *
 * The one idea: columns cross in blocks, so that the wasm never holds more than a block of them.
 *
 * Not here: whether the values fit the declared type; the kernel decides.
 */
import { BLOCK_ROWS, bits, ColumnBuilder } from './column-builder.js'
import { IsofoldError } from './error.js'
import { kernel, type RawBatch } from './kernel.js'
import { packTexts } from './texts.js'
import { Widening } from './widening.js'

/** Numbers of any width. */
export type NumberArray =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array

/** Texts of which many are equal: row `i` has `texts[codes[i]]`. */
export interface CodedTexts {
  readonly codes: Uint8Array | Uint16Array | Uint32Array | Int8Array | Int16Array | Int32Array
  readonly texts: readonly string[]
}

/** The cells of a column. */
export type ColumnInput = readonly unknown[] | NumberArray | BigInt64Array | BigUint64Array | CodedTexts

/** Columns by name, all of one length; those the spec does not declare are left alone. */
export type Columns = Readonly<Record<string, ColumnInput>>

/** A column that is read block by block. */
type Reader = (batch: RawBatch, start: number, end: number) => void

/**
 * The batches of columns, each of which must be folded before the next is asked for; the kernel misses absent columns.
 *
 * Errors: `host.argument`.
 */
export function* batchesOfColumns(names: readonly string[], columns: Columns): Generator<RawBatch> {
  const present = names.filter((name) => columns[name] != null)
  const lengths = present.map((name) => lengthOf(columns[name] as ColumnInput))
  const rows = lengths[0] ?? 0
  // The kernel has the words for columns of different lengths, and has to see them whole.
  const areEven = lengths.every((length) => length === rows)
  const block = areEven ? BLOCK_ROWS : Math.max(...lengths)
  const readers = present.map((name) => readerOf(name, columns[name] as ColumnInput, areEven ? Math.min(block, rows) : block))
  let start = 0
  do {
    const end = Math.min(start + block, rows)
    const batch = new (kernel().Batch)(end - start)
    for (const reader of readers) reader(batch, start, areEven ? end : block)
    yield batch
    start = end
  } while (start < rows)
}

/** Hands a column of cells to the kernel. */
export function addCells(batch: RawBatch, name: string, cells: readonly unknown[]): void {
  const builder = new ColumnBuilder(cells.length)
  builder.begin(cells, 0)
  builder.take(cells.length)
  builder.addTo(batch, name)
}

function readerOf(name: string, values: ColumnInput, capacity: number): Reader {
  if (Array.isArray(values)) {
    const builder = new ColumnBuilder(capacity)
    return (batch, start, end) => {
      builder.begin(values, start)
      builder.take(Math.min(end, values.length) - start)
      builder.addTo(batch, name)
    }
  }
  if (values instanceof BigInt64Array) return (batch, start, end) => batch.integers(name, values.subarray(start, end))
  if (values instanceof BigUint64Array) return (batch, start, end) => batch.unsigned(name, values.subarray(start, end))
  const widening = new Widening()
  if (isNumbers(values)) return (batch, start, end) => batch.numbers(name, bits(widening.numbers(values.subarray(start, end))))
  if (isCoded(values)) {
    const { utf8, offsets } = packTexts(values.texts)
    return (batch, start, end) => batch.strings(name, widening.codes(values.codes.subarray(start, end)), utf8, offsets)
  }
  const message = `a column must be an array, a typed array or codes with their texts, got ${typeof values}`
  throw new IsofoldError({ code: 'host.argument', message, path: `column.${name}` })
}

function lengthOf(values: ColumnInput): number {
  return (isCoded(values) ? values.codes : (values as { length?: number })).length ?? 0
}

function isNumbers(values: unknown): values is NumberArray {
  return ArrayBuffer.isView(values) && !(values instanceof DataView)
}

function isCoded(values: unknown): values is CodedTexts {
  const { codes, texts } = values as Partial<CodedTexts>
  if (!isNumbers(codes) || !Array.isArray(texts)) return false
  return texts.every((text) => typeof text === 'string')
}
