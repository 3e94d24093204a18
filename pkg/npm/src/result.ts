/**
 * The answer to a query: columns, with rows on demand.
 *
 * Not here: order, limits and gaps; the kernel has dealt with them.
 */
import type { RawFrame } from './kernel.js'

/** A column of a result: `timestamp`, `int64`, `float64`, `bool`, `string` or a list. */
export interface ResultColumn {
  readonly name: string
  readonly type: string
}

/** The values of a column; in typed arrays a NULL is told by {@link Result.valid}, in others it is `null`. */
export type ColumnValues = Float64Array | BigInt64Array | readonly unknown[]

/** A value in a row. */
export type Cell = Date | number | bigint | string | boolean | null | readonly unknown[]

/** The answer to a query. */
export class Result implements Iterable<Record<string, Cell>> {
  /** Names and types, in order. */
  readonly columns: readonly ResultColumn[]
  /** Number of rows. */
  readonly length: number
  readonly #values: readonly ColumnValues[]
  readonly #valid: readonly (Uint8Array | undefined)[]

  /** @internal */
  constructor(frame: RawFrame) {
    this.columns = JSON.parse(frame.columns()) as ResultColumn[]
    this.length = frame.length
    this.#valid = this.columns.map((_, index) => frame.valid(index) ?? undefined)
    this.#values = this.columns.map(({ type }, index) => values(frame.column(index), type, this.#valid[index]))
    // Everything is copied: the kernel's memory need not wait for a garbage collector that does not see it.
    frame.free?.()
  }

  /**
   * The values of a column: `Float64Array`, `BigInt64Array` (int64, and timestamps in microseconds since the epoch),
   * else an array with `null` for NULL; `undefined` when there is no such column.
   */
  column(name: string): ColumnValues | undefined {
    return this.#values[this.#index(name)]
  }

  /** A 0 for each NULL of a column, a 1 for each value; `undefined` when there is no NULL. */
  valid(name: string): Uint8Array | undefined {
    return this.#valid[this.#index(name)]
  }

  /** One object a row: timestamps as `Date` (to the millisecond), int64 as a number while it is safe, else a bigint. */
  rows(): Record<string, Cell>[] {
    const rows: Record<string, Cell>[] = Array.from({ length: this.length }, () => ({}))
    this.columns.forEach(({ name, type }, index) => {
      const values = this.#values[index] as ColumnValues
      const valid = this.#valid[index]
      const read = type === 'timestamp' ? toDate : values instanceof BigInt64Array ? toInteger : same
      for (let row = 0; row < this.length; row++) {
        const present = valid === undefined || valid[row] !== 0
        define(rows[row] as Record<string, Cell>, name, present ? read(values[row]) : null)
      }
    })
    return rows
  }

  /** The rows, one after the other. */
  [Symbol.iterator](): IterableIterator<Record<string, Cell>> {
    return this.rows()[Symbol.iterator]()
  }

  #index(name: string): number {
    return this.columns.findIndex((column) => column.name === name)
  }
}

function values(raw: ReturnType<RawFrame['column']>, type: string, valid: Uint8Array | undefined): ColumnValues {
  if (raw instanceof Float64Array || raw instanceof BigInt64Array) return raw
  const cells = typeof raw === 'string' ? (JSON.parse(raw) as unknown[]) : Array.from<unknown>(raw)
  if (type === 'bool') cells.forEach((cell, row) => (cells[row] = Boolean(cell)))
  return valid === undefined ? cells : cells.map((cell, row) => (valid[row] === 0 ? null : cell))
}

/** A column may be called `__proto__`, which an assignment would not make a key. */
function define(row: Record<string, Cell>, name: string, value: Cell): void {
  if (name === '__proto__') Object.defineProperty(row, name, { value, enumerable: true, writable: true, configurable: true })
  else row[name] = value
}

function toDate(micros: unknown): Date {
  const value = micros as bigint
  const millis = value / 1000n
  // Division truncates; an instant before 1970 belongs to the millisecond that has begun.
  return new Date(Number(millis * 1000n > value ? millis - 1n : millis))
}

function toInteger(value: unknown): number | bigint {
  const number = Number(value as bigint)
  return Number.isSafeInteger(number) ? number : (value as bigint)
}

function same(value: unknown): Cell {
  return value as Cell
}
