/**
 * A block of a column out of cells, as rows and plain arrays bring them.
 *
 * The one idea: nearly every column has cells of one kind, which go into one typed array without a call per cell. A
 * block of several kinds crosses cell by cell (`mixed.ts`); the kernel decides what such a column means.
 */
import type { RawBatch } from './kernel.js'
import { addMixed } from './mixed.js'
import { packTexts, TextDictionary } from './texts.js'

/** Rows that cross at once: few enough to stay in a processor's cache, many enough to make a crossing cheap. */
export const BLOCK_ROWS = 1 << 16

const NO_NUMBERS = new Float64Array(0)
const NO_CODES = new Uint32Array(0)
const NO_BYTES = new Uint8Array(0)
const NO_INTEGERS = new BigInt64Array(0)

/** Turns blocks of cells into columns; its arrays serve every block, so a block must be folded before the next. */
export class ColumnBuilder {
  readonly #rows: number
  #valid: Uint8Array | undefined
  #hasNull = false
  #numbers = NO_NUMBERS
  #codes = NO_CODES
  #booleans = NO_BYTES
  #integers = NO_INTEGERS

  /** For blocks of at most `rows` rows. */
  constructor(rows: number) {
    this.#rows = rows
  }

  /** Hands the first `count` cells to the kernel. */
  addTo(batch: RawBatch, name: string, cells: readonly unknown[], count: number): void {
    this.#hasNull = false
    let first = 0
    while (first < count && cells[first] == null) this.#null(first++)
    if (first === count) return batch.nulls(name)
    const cell = cells[first]
    switch (typeof cell) {
      case 'number':
        return this.#addNumbers(batch, name, cells, first, count)
      case 'string':
        return this.#addTexts(batch, name, cells, first, count)
      case 'boolean':
        return this.#addBooleans(batch, name, cells, first, count)
      case 'bigint':
        return this.#addIntegers(batch, name, cells, first, count)
      default:
        return isDate(cell) ? this.#addDates(batch, name, cells, first, count) : addMixed(batch, name, cells, count)
    }
  }

  #addNumbers(batch: RawBatch, name: string, cells: readonly unknown[], first: number, count: number): void {
    if (this.#numbers.length === 0) this.#numbers = new Float64Array(this.#rows)
    const values = this.#numbers
    for (let i = first; i < count; i++) {
      const cell = cells[i]
      if (typeof cell === 'number') values[i] = cell
      else if (cell == null) this.#null(i)
      else return addMixed(batch, name, cells, count)
    }
    batch.numbers(name, bits(values.subarray(0, count)), this.#validOf(count))
  }

  #addTexts(batch: RawBatch, name: string, cells: readonly unknown[], first: number, count: number): void {
    if (this.#codes.length === 0) this.#codes = new Uint32Array(this.#rows)
    const codes = this.#codes
    const dictionary = new TextDictionary()
    for (let i = first; i < count; i++) {
      const cell = cells[i]
      if (typeof cell === 'string') codes[i] = dictionary.code(cell)
      else if (cell == null) this.#null(i)
      else return addMixed(batch, name, cells, count)
    }
    const { utf8, offsets } = packTexts(dictionary.texts)
    batch.strings(name, codes.subarray(0, count), utf8, offsets, this.#validOf(count))
  }

  #addDates(batch: RawBatch, name: string, cells: readonly unknown[], first: number, count: number): void {
    if (this.#numbers.length === 0) this.#numbers = new Float64Array(this.#rows)
    const values = this.#numbers
    for (let i = first; i < count; i++) {
      const cell = cells[i]
      if (cell == null) this.#null(i)
      else if (isDate(cell)) values[i] = cell.getTime()
      else return addMixed(batch, name, cells, count)
    }
    batch.dates(name, bits(values.subarray(0, count)), this.#validOf(count))
  }

  #addBooleans(batch: RawBatch, name: string, cells: readonly unknown[], first: number, count: number): void {
    if (this.#booleans.length === 0) this.#booleans = new Uint8Array(this.#rows)
    const values = this.#booleans
    for (let i = first; i < count; i++) {
      const cell = cells[i]
      if (typeof cell === 'boolean') values[i] = Number(cell)
      else if (cell == null) this.#null(i)
      else return addMixed(batch, name, cells, count)
    }
    batch.booleans(name, values.subarray(0, count), this.#validOf(count))
  }

  #addIntegers(batch: RawBatch, name: string, cells: readonly unknown[], first: number, count: number): void {
    if (this.#integers.length === 0) this.#integers = new BigInt64Array(this.#rows)
    const values = this.#integers
    for (let i = first; i < count; i++) {
      const cell = cells[i]
      if (cell == null) this.#null(i)
      // A typed array would wrap an integer past 64 bits around, in silence.
      else if (typeof cell === 'bigint' && BigInt.asIntN(64, cell) === cell) values[i] = cell
      else return addMixed(batch, name, cells, count)
    }
    batch.integers(name, values.subarray(0, count), this.#validOf(count))
  }

  #null(row: number): void {
    this.#valid ??= new Uint8Array(this.#rows)
    if (!this.#hasNull) this.#valid.fill(1)
    this.#hasNull = true
    this.#valid[row] = 0
  }

  #validOf(count: number): Uint8Array | undefined {
    return this.#hasNull ? this.#valid?.subarray(0, count) : undefined
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
