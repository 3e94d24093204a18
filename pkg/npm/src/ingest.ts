/**
 * What can be folded, as batches of the kernel.
 *
 * The one idea: what comes piece by piece (a generator, a stream) is folded block by block beside the rollup, so that an
 * error in its middle changes nothing.
 *
 * Not here: reading each of the three forms (`rows.ts`, `columns.ts`, `arrow.ts`).
 */
import { type ArrowTable, batchesOfTable, isArrowTable } from './arrow.js'
import type { Batch } from './batch.js'
import { BLOCK_ROWS } from './column-builder.js'
import { batchesOfColumns, type Columns } from './columns.js'
import { IsofoldError } from './error.js'
import { refused } from './options.js'
import { batchesOfRows, type Keys, type Row } from './rows.js'
import { isPromise, kindOf, shown } from './words.js'

/** Rows as objects in an array or any iterable, columns, a table of apache-arrow, or an iterable of such tables. */
export type Input = readonly Row[] | Columns | ArrowTable | Iterable<Row> | Iterable<ArrowTable>

/** As {@link Input}, also by and by: an async iterable of rows or of tables, such as a stream. */
export type AsyncInput = Input | AsyncIterable<Row> | AsyncIterable<ArrowTable>

/**
 * The named columns of `input` in batches, each of which must be folded before the next is asked for.
 *
 * Errors: `host.argument`.
 */
export function batchesOf(names: readonly string[], input: Input, keys?: Keys): Iterable<Batch> {
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input)) {
    throw refused(`${WANTED}, got ${shown(input)}`, 'rows')
  }
  if (Array.isArray(input)) return batchesOfArray(names, input as readonly Row[], keys)
  assertRows(names, input)
  if (isArrowTable(input)) return batchesOfTable(names, input, keys)
  if (Symbol.iterator in input) return batchesOfPieces(names, pieces(input), keys)
  if (Symbol.asyncIterator in input) {
    const message = 'rows that come asynchronously are taken by ingestAsync'
    throw new IsofoldError({ code: 'host.argument', message, path: 'rows' })
  }
  return batchesOfColumns(names, input as Columns, keys)
}

/** Errors: `host.argument` for what is read as if it had no rows: a map of columns, a promise of rows. */
function assertRows(names: readonly string[], input: object): void {
  if (names.some((name) => Object.hasOwn(input, name))) return
  const kind = kindOf(input)
  const isRows = kind === undefined || Symbol.iterator in input || Symbol.asyncIterator in input
  if (isRows && kind !== 'Map' && !isPromise(input)) return
  const hint = isPromise(input) ? ': await it first' : kind === 'Map' ? ': Object.fromEntries makes an object of arrays of it' : ''
  throw refused(`${WANTED}, got ${kind === undefined && isPromise(input) ? 'a promise' : shown(input)}${hint}`, 'rows')
}

const WANTED = 'rows must be objects in an array or iterable, an object of arrays, or an Arrow table'

/** As {@link batchesOf}, of what comes by and by too. */
export async function* batchesOfAsync(names: readonly string[], input: AsyncInput, keys?: Keys): AsyncGenerator<Batch> {
  const comesByAndBy = typeof input === 'object' && input !== null && Symbol.asyncIterator in input && !(Symbol.iterator in input)
  if (!comesByAndBy) return yield* batchesOf(names, input as Input, keys)
  const gathered = new Pieces()
  for await (const item of input) {
    const piece = gathered.add(item)
    if (piece !== undefined) yield* batchesOfPiece(names, piece, keys)
  }
  yield* batchesOfPiece(names, gathered.rest(), keys)
}

function batchesOfArray(names: readonly string[], rows: readonly (Row | ArrowTable)[], keys?: Keys): Iterable<Batch> {
  const [first] = rows
  const areTables = typeof first === 'object' && (first as unknown) !== null && isArrowTable(first)
  return areTables ? batchesOfPieces(names, pieces(rows), keys) : batchesOfRows(names, rows, keys)
}

/** Rows, or a table. */
type Piece = { readonly rows: readonly Row[] } | ArrowTable

/** Gathers items into pieces. */
class Pieces {
  #rows: Row[] = []
  #hasRows = false

  /** Takes an item, and gives a piece once there is one; a table among rows is no row. */
  add(item: Row | ArrowTable): Piece | undefined {
    if (!this.#hasRows && typeof item === 'object' && (item as unknown) !== null && isArrowTable(item)) return item
    this.#hasRows = true
    this.#rows.push(item)
    return this.#rows.length < BLOCK_ROWS ? undefined : this.rest()
  }

  /** The rows that are gathered. */
  rest(): Piece {
    const rows = this.#rows
    this.#rows = []
    return { rows }
  }
}

function* pieces(items: Iterable<Row | ArrowTable>): Generator<Piece> {
  const gathered = new Pieces()
  for (const item of items) {
    const piece = gathered.add(item)
    if (piece !== undefined) yield piece
  }
  yield gathered.rest()
}

function* batchesOfPieces(names: readonly string[], all: Iterable<Piece>, keys?: Keys): Generator<Batch> {
  for (const piece of all) yield* batchesOfPiece(names, piece, keys)
}

function batchesOfPiece(names: readonly string[], piece: Piece, keys?: Keys): Iterable<Batch> {
  return 'rows' in piece ? batchesOfRows(names, piece.rows, keys) : batchesOfTable(names, piece, keys)
}
