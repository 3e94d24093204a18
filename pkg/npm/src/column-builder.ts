/**
 * A column out of cells, as rows and plain arrays bring them.
 *
 * The one idea: nearly every column has cells of one kind, which go into one typed array without a call per cell. A
 * column of several kinds is read again, slowly, by `mixed.ts`; the kernel decides what such a column means.
 */
import type { RawBatch } from './kernel.js'
import { packTexts, TextDictionary } from './texts.js'

type Kind = 'none' | 'number' | 'text' | 'boolean' | 'date' | 'bigint'

const NO_NUMBERS = new Float64Array(0)
const NO_CODES = new Uint32Array(0)
const NO_BYTES = new Uint8Array(0)
const NO_INTEGERS = new BigInt64Array(0)

/** Collects the cells of one column. */
export class ColumnBuilder {
  readonly #rows: number
  #kind: Kind = 'none'
  #valid: Uint8Array | undefined
  /** Numbers, or the milliseconds of dates. */
  #numbers = NO_NUMBERS
  #codes = NO_CODES
  #booleans = NO_BYTES
  #integers = NO_INTEGERS
  #dictionary: TextDictionary | undefined

  constructor(rows: number) {
    this.#rows = rows
  }

  /** Takes `count` cells for the rows from `start`; false when the column has more than one kind of cell. */
  fill(cells: readonly unknown[], start: number, count: number): boolean {
    let i = 0
    if (this.#kind === 'none') {
      while (i < count && cells[i] == null) this.#null(start + i++)
      if (i === count) return true
      if (!this.#begin(cells[i])) return false
    }
    switch (this.#kind) {
      case 'number':
        return this.#fillNumbers(cells, start, i, count)
      case 'text':
        return this.#fillTexts(cells, start, i, count)
      case 'date':
        return this.#fillDates(cells, start, i, count)
      case 'boolean':
        return this.#fillBooleans(cells, start, i, count)
      default:
        return this.#fillIntegers(cells, start, i, count)
    }
  }

  /** Hands the column to the kernel. */
  addTo(batch: RawBatch, name: string): void {
    switch (this.#kind) {
      case 'none':
        return batch.nulls(name)
      case 'number':
        return batch.numbers(name, bits(this.#numbers), this.#valid)
      case 'date':
        return batch.dates(name, bits(this.#numbers), this.#valid)
      case 'boolean':
        return batch.booleans(name, this.#booleans, this.#valid)
      case 'bigint':
        return batch.integers(name, this.#integers, this.#valid)
      case 'text': {
        const { utf8, offsets } = packTexts(this.#dictionary?.texts ?? [])
        return batch.strings(name, this.#codes, utf8, offsets, this.#valid)
      }
    }
  }

  #begin(cell: unknown): boolean {
    switch (typeof cell) {
      case 'number':
        this.#kind = 'number'
        this.#numbers = new Float64Array(this.#rows)
        return true
      case 'string':
        this.#kind = 'text'
        this.#codes = new Uint32Array(this.#rows)
        this.#dictionary = new TextDictionary()
        return true
      case 'boolean':
        this.#kind = 'boolean'
        this.#booleans = new Uint8Array(this.#rows)
        return true
      case 'bigint':
        this.#kind = 'bigint'
        this.#integers = new BigInt64Array(this.#rows)
        return true
      default:
        if (!isDate(cell)) return false
        this.#kind = 'date'
        this.#numbers = new Float64Array(this.#rows)
        return true
    }
  }

  #fillNumbers(cells: readonly unknown[], start: number, from: number, count: number): boolean {
    const values = this.#numbers
    for (let i = from; i < count; i++) {
      const cell = cells[i]
      if (typeof cell === 'number') values[start + i] = cell
      else if (cell == null) this.#null(start + i)
      else return false
    }
    return true
  }

  #fillTexts(cells: readonly unknown[], start: number, from: number, count: number): boolean {
    const codes = this.#codes
    const dictionary = this.#dictionary as TextDictionary
    for (let i = from; i < count; i++) {
      const cell = cells[i]
      if (typeof cell === 'string') codes[start + i] = dictionary.code(cell)
      else if (cell == null) this.#null(start + i)
      else return false
    }
    return true
  }

  #fillDates(cells: readonly unknown[], start: number, from: number, count: number): boolean {
    const values = this.#numbers
    for (let i = from; i < count; i++) {
      const cell = cells[i]
      if (cell == null) this.#null(start + i)
      else if (isDate(cell)) values[start + i] = cell.getTime()
      else return false
    }
    return true
  }

  #fillBooleans(cells: readonly unknown[], start: number, from: number, count: number): boolean {
    const values = this.#booleans
    for (let i = from; i < count; i++) {
      const cell = cells[i]
      if (typeof cell === 'boolean') values[start + i] = Number(cell)
      else if (cell == null) this.#null(start + i)
      else return false
    }
    return true
  }

  #fillIntegers(cells: readonly unknown[], start: number, from: number, count: number): boolean {
    const values = this.#integers
    for (let i = from; i < count; i++) {
      const cell = cells[i]
      if (cell == null) this.#null(start + i)
      // A typed array would wrap an integer past 64 bits around, in silence.
      else if (typeof cell === 'bigint' && BigInt.asIntN(64, cell) === cell) values[start + i] = cell
      else return false
    }
    return true
  }

  #null(row: number): void {
    this.#valid ??= new Uint8Array(this.#rows).fill(1)
    this.#valid[row] = 0
  }
}

/** Whether `cell` is a Date, also one of another realm. */
export function isDate(cell: unknown): cell is Date {
  return cell instanceof Date || Object.prototype.toString.call(cell) === '[object Date]'
}

/** The bits of doubles: the kernel takes no floats, so that no host's float unit touches them. */
export function bits(values: Float64Array): BigUint64Array {
  return new BigUint64Array(values.buffer, values.byteOffset, values.length)
}
