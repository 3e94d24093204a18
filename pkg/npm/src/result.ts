/**
 * The answer to a query: columns, with rows on demand.
 *
 * Not here: order, limits and gaps; the kernel has dealt with them.
 */
import { isKind, own } from './arrays.js'
import { call } from './call.js'
import { IsofoldError } from './error.js'
import type { RawFrame, RawOutput } from './kernel.js'
import { shown } from './words.js'

/** A value in a row; a metric of counts has a list of {@link Count}. */
export type Cell = Date | number | bigint | string | boolean | null | readonly Cell[] | readonly Count[]

/** A value and how often it occurs. */
export interface Count {
  readonly value: Cell
  readonly count: number | bigint
}

/** The values of a column; in typed arrays a NULL is told by {@link Result.valid}, in others it is `null`. */
export type ColumnValues = Float64Array | BigInt64Array | readonly Cell[]

/** A cell that is NULL because its value does not fit the type of its metric. */
export interface Warning {
  /** Why: `query.overflow` for a sum past int64. */
  readonly code: string
  readonly message: string
  /** The metric; null in an entry of {@link Warning.more}. */
  readonly metric: string | null
  /** The start of the bucket, ISO 8601; null where the result has none. */
  readonly bucket: string | null
  /** The keys of the group. */
  readonly key: Readonly<Record<string, string | number | boolean | null>>
  /** In a last entry, the number of cells that are not listed. */
  readonly more?: number
}

/** A value in JSON. */
export type JsonCell = number | string | boolean | null | readonly JsonCell[] | { readonly value: JsonCell; readonly count: JsonCell }

interface Column {
  readonly values: ColumnValues
  readonly valid: Uint8Array | undefined
  readonly cell: (row: number) => Cell
}

/**
 * What a query found: columns of one length, ordered by bucket and key unless told otherwise.
 *
 * @example
 * ```ts
 * const result = rollup.query({ bucket: '1 day', select: ['n', 'avg_ms'] })
 * result.length // → 1
 * ```
 */
export class Result implements Iterable<Record<string, Cell>> {
  /**
   * The names of the columns: the bucket, the keys, the metrics.
   *
   * @example
   * ```ts
   * result.columns // → ['bucket', 'model', 'n', 'avg_ms']
   * ```
   */
  readonly columns: readonly string[]
  /**
   * The type of every column by name: those of a spec, list<…> and counts<…>.
   *
   * @example
   * ```ts
   * result.types.avg_ms // → 'float64'
   * ```
   */
  readonly types: Readonly<Record<string, string>>
  /**
   * The number of rows.
   *
   * @example
   * ```ts
   * result.length // → 1
   * ```
   */
  readonly length: number
  /**
   * The cells that are NULL because their value does not fit the type of their metric, such as a sum past int64:
   * code, message, metric, start of the bucket, key; of more than 100 the number of the others.
   *
   * @example
   * ```ts
   * result.warnings // → []
   * ```
   */
  readonly warnings: readonly Warning[]
  /**
   * The number of rows that there would be without limit and offset.
   *
   * @example
   * ```ts
   * result.totalRows // → 1
   * ```
   */
  readonly totalRows: number
  readonly #columns: ReadonlyMap<string, Column>

  /** @internal */
  constructor(frame: RawFrame) {
    const columns = JSON.parse(call(() => frame.columns())) as { name: string; type: string }[]
    this.length = call(() => frame.length)
    this.totalRows = call(() => frame.total)
    this.columns = columns.map(({ name }) => name)
    this.warnings = JSON.parse(frame.warnings()) as Warning[]
    this.types = Object.fromEntries(columns.map(({ name, type }) => [name, type]))
    this.#columns = new Map(
      columns.map(({ name, type }, index) => {
        return [name, read(call(() => copied(frame.column(index) as RawOutput)), type)]
      }),
    )
    // Everything is copied: the kernel's memory need not wait for a garbage collector that does not see it.
    call(() => frame.free?.())
  }

  /**
   * Gives the values of one column.
   *
   * float64 and decimals (the nearest numbers) are a Float64Array, int64 and timestamp (epoch microseconds) a
   * BigInt64Array.
   *
   * @param name The name of the column.
   * @returns The values, in the order of the rows.
   * @throws `host.argument`.
   * @example
   * ```ts
   * [...result.column('avg_ms')] // → [100]
   * ```
   */
  column(name: string): ColumnValues {
    return this.#column(name).values
  }

  /**
   * Tells which rows of a column have a value.
   *
   * @param name The name of the column.
   * @returns One flag per row, or undefined when every row has a value.
   * @throws `host.argument`.
   * @example
   * ```ts
   * result.valid('avg_ms') // → undefined
   * ```
   */
  valid(name: string): Uint8Array | undefined {
    return this.#column(name).valid
  }

  /**
   * Gives the rows, each as an object column → value.
   *
   * Timestamps are Dates; an int64 is a number while it is a safe integer, else a BigInt.
   *
   * @returns One object per row.
   * @example
   * ```ts
   * result.rows()[0].avg_ms // → 100
   * ```
   */
  rows(): Record<string, Cell>[] {
    const rows: Record<string, Cell>[] = Array.from({ length: this.length }, () => ({}))
    for (const [name, { cell }] of this.#columns) {
      for (let row = 0; row < this.length; row++) define(rows[row] as Record<string, Cell>, name, cell(row))
    }
    return rows
  }

  /**
   * Iterates over the rows.
   *
   * @example
   * ```ts
   * [...result].map(({ n }) => n) // → [2]
   * ```
   */
  [Symbol.iterator](): IterableIterator<Record<string, Cell>> {
    return this.rows()[Symbol.iterator]()
  }

  /**
   * Gives the rows for JSON, as `JSON.stringify(result)` and `Response.json(result)` write them.
   *
   * Timestamps are ISO 8601, integers past 2^53 and decimals that are asked for as texts are texts, infinities
   * the texts Infinity and -Infinity.
   *
   * @returns One object per row.
   * @example
   * ```ts
   * JSON.parse(JSON.stringify(result))[0].avg_ms // → 100
   * ```
   */
  toJSON(): Record<string, JsonCell>[] {
    return this.rows().map((row) => {
      const written: Record<string, JsonCell> = {}
      for (const [name, cell] of Object.entries(row)) define(written, name, jsonOf(cell))
      return written
    })
  }

  #column(name: string): Column {
    const column = this.#columns.get(name)
    if (column !== undefined) return column
    const message = `the result has no column ${shown(name)}, it has ${this.columns.join(', ')}`
    throw new IsofoldError({ code: 'host.argument', message, path: 'name' })
  }
}

/** Each property once, and arrays of this realm, whatever realm the kernel lives in. */
function copied(output: RawOutput): RawOutput {
  const { items, valid, ends, counts } = output
  output.free?.()
  return {
    items: Array.isArray(items) ? Array.from(items) : own(items),
    valid: valid == null ? undefined : own(valid),
    ends: ends == null ? undefined : own(ends),
    counts: counts == null ? undefined : own(counts),
  }
}

function read({ items: raw, valid, ends, counts }: RawOutput, type: string): Column {
  const items = isKind(raw, 'BigUint64Array') ? new Float64Array(raw.buffer, raw.byteOffset, raw.length) : raw
  const present = (row: number): boolean => valid == null || valid[row] !== 0
  const item = reader(items, type)
  if (ends == null) {
    const cell = (row: number): Cell => (present(row) ? item(row) : null)
    if (isKind(items, 'Float64Array') || isKind(items, 'BigInt64Array')) return { values: items, valid: valid ?? undefined, cell }
    return { values: Array.from({ length: items.length }, (_, row) => cell(row)), valid: valid ?? undefined, cell }
  }
  const entry = (at: number): Cell | Count =>
    counts == null ? item(at) : { value: item(at), count: toInteger(counts[at] as bigint) }
  const lists = Array.from(ends, (end, row): Cell => {
    if (!present(row)) return null
    const start = row === 0 ? 0 : (ends[row - 1] as number)
    return Array.from({ length: end - start }, (_, at) => entry(start + at)) as Cell
  })
  return { values: lists, valid: valid ?? undefined, cell: (row) => lists[row] as Cell }
}

/** How an item becomes a value; `type` is that of the column, which names the type inside lists and counts. */
function reader(items: Float64Array | BigInt64Array | Uint8Array | string[], type: string): (at: number) => Cell {
  if (isKind(items, 'BigInt64Array')) {
    const convert = type.includes('timestamp') ? toDate : toInteger
    return (at) => convert(items[at] as bigint)
  }
  if (isKind(items, 'Uint8Array')) return (at) => items[at] !== 0
  return (at) => items[at] as number | string
}

/** A column may be called `__proto__`, which an assignment would not make a key. */
function define<C>(row: Record<string, C>, name: string, value: C): void {
  if (name !== '__proto__') row[name] = value
  else Object.defineProperty(row, name, { value, enumerable: true, writable: true, configurable: true })
}

/** What JSON cannot write is a text: it has neither infinities nor, for readers with doubles, integers past 2^53. */
function jsonOf(cell: Cell | Count): JsonCell {
  if (typeof cell === 'bigint') return String(cell)
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : String(cell)
  if (typeof cell !== 'object' || cell === null) return cell
  if (cell instanceof Date) return cell.toISOString()
  if (!('value' in cell)) return cell.map(jsonOf)
  return { value: jsonOf(cell.value), count: jsonOf(cell.count) }
}

function toDate(micros: bigint): Date {
  const millis = micros / 1000n
  // Division truncates; an instant before 1970 belongs to the millisecond that has begun.
  return new Date(Number(millis * 1000n > micros ? millis - 1n : millis))
}

function toInteger(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
