/**
 * Columns as arrays, typed arrays, and codes into texts.
 *
 * The one idea: columns cross in blocks, so that the wasm never holds more than a block of them.
 *
 * Not here: whether the values fit the declared type; the kernel decides.
 */
import { GONE, isGone, isKind, kindOf, own, part, type TypedArray } from './arrays.js'
import { BLOCK_ROWS, bits, ColumnBuilder, timeOf } from './column-builder.js'
import { IsofoldError } from './error.js'
import { Batch } from './batch.js'
import type { Keys } from './rows.js'
import { packTexts } from './texts.js'
import { Widening } from './widening.js'
import { shown } from './words.js'

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

/** Names that the words of an error have room for, and more. */
const MAX_OTHERS = 64

/** Columns by name, all of one length; those the spec does not declare are left alone. */
export type Columns = Readonly<Record<string, ColumnInput>>

/** As {@link Columns}, of a type whose names are known: an `interface` has no index signature. */
export type ColumnsOf<C> = object & { readonly [Name in keyof C]: ColumnInput }

/** A column that is read block by block. */
interface Column {
  readonly length: number
  /** Hands rows `start` to before `end` to the kernel, where it has so many. */
  readonly add: (batch: Batch, start: number, end: number) => void
}

/**
 * The batches of columns, each of which must be folded before the next is asked for; the kernel misses absent columns.
 *
 * Errors: `host.argument`; `ingest.length` for memory that shrinks meanwhile.
 */
export function* batchesOfColumns(names: readonly string[], columns: Columns, keys?: Keys): Generator<Batch> {
  const present = names.filter((name) => Object.hasOwn(columns, name)).map((name) => [name, columns[name]] as const)
  const readers = present.filter(([, values]) => values != null).map(([name, values]) => columnOf(name, values))
  const rows = readers[0]?.length ?? 0
  const others = othersOf(names, readers.length, () => Object.keys(columns))
  if (keys?.all === true) keys.see(Object.keys(columns))
  // The kernel has the words for columns of different lengths, and has to see them whole.
  const areEven = readers.every(({ length }) => length === rows)
  const block = areEven ? BLOCK_ROWS : Math.max(...readers.map(({ length }) => length))
  let start = 0
  do {
    const end = Math.min(start + block, rows)
    const batch = new Batch(end - start)
    for (const { add, length } of readers) add(batch, start, areEven ? end : length)
    for (const name of others) batch.nulls(name)
    yield batch
    start = end
  } while (start < rows)
}

/** Names of columns that stand where declared ones lack, for the kernel to tell; nobody reads them. */
export function othersOf(names: readonly string[], present: number, all: () => readonly string[]): readonly string[] {
  if (present === names.length) return []
  return [...new Set(all())].filter((name) => !names.includes(name)).slice(0, MAX_OTHERS)
}

/** Hands a column of cells to the kernel. */
export function addCells(batch: Batch, name: string, cells: readonly unknown[]): void {
  const builder = new ColumnBuilder(cells.length)
  builder.begin(cells, 0)
  builder.take(cells.length)
  builder.addTo(batch, name)
}

function columnOf(name: string, values: unknown): Column {
  if (Array.isArray(values)) return cellsOf(name, values as readonly unknown[])
  if (isKind(values, 'BigInt64Array')) return arrayOf(name, values, (batch, block) => batch.integers(name, block))
  if (isKind(values, 'BigUint64Array')) return arrayOf(name, values, (batch, block) => batch.unsigned(name, block))
  const widening = new Widening()
  if (isNumbers(values)) return arrayOf(name, values, (batch, block) => batch.numbers(name, bits(widening.numbers(block))))
  const coded = codedOf(values)
  if (coded !== undefined) {
    const { utf8, offsets } = packTexts(coded.texts)
    return arrayOf(name, coded.codes, (batch, block) => batch.strings(name, widening.codes(block), utf8, offsets))
  }
  const isCell = typeof values !== 'object' || timeOf(values) !== undefined
  const hint = isCell ? ': one row is wrapped in an array' : ''
  const message = `a column must be an array, a typed array or codes with their texts, got ${shown(values)}${hint}`
  throw new IsofoldError({ code: 'host.argument', message, path: `column.${name}` })
}

function cellsOf(name: string, cells: readonly unknown[]): Column {
  const builder = new ColumnBuilder(Math.min(BLOCK_ROWS, cells.length))
  const add = (batch: Batch, start: number, end: number): void => {
    if (end - start > BLOCK_ROWS) return addCells(batch, name, cells)
    builder.begin(cells, start)
    // it may have shrunk; the kernel has the words for it
    builder.take(Math.max(Math.min(end, cells.length) - start, 0))
    builder.addTo(batch, name)
  }
  return { length: cells.length, add }
}

function arrayOf<A extends TypedArray>(name: string, array: A, hand: (batch: Batch, block: A) => void): Column {
  if (isGone(array)) throw new IsofoldError({ code: 'host.argument', message: GONE, path: `column.${name}` })
  const view = own(array)
  return { length: view.length, add: (batch, start, end) => hand(batch, part(name, view, start, end)) }
}

function isNumbers(values: unknown): values is NumberArray {
  const kind = kindOf(values)
  return kind !== undefined && kind !== 'BigInt64Array' && kind !== 'BigUint64Array'
}

/** The classes of arrays that codes come in. */
export const CODES = ['Uint8Array', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array', 'Int32Array']

/** What `values` says that its codes and texts are, read once. */
function codedOf(values: unknown): CodedTexts | undefined {
  if (typeof values !== 'object' || values === null) return undefined
  const { codes, texts } = values as Partial<CodedTexts>
  if (!CODES.includes(kindOf(codes) ?? '') || !Array.isArray(texts)) return undefined
  const copy = Array.from(texts as readonly unknown[])
  return copy.every((text) => typeof text === 'string') ? { codes: codes as CodedTexts['codes'], texts: copy } : undefined
}
