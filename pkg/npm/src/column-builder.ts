/**
 * A block of a column out of cells, as rows and plain arrays bring them.
 *
 * The one idea: nearly every column has cells of one kind, which go into one typed array without a call per cell. A
 * block of several kinds crosses cell by cell (`mixed.ts`); the kernel decides what such a column means.
 */
import { type CellReader, cellReader, ownCellReader } from './cell-readers.js'
import type { Batch } from './batch.js'
import { addMixed } from './mixed.js'
import { packTexts, type PackedTexts, TextDictionary, TextWriter } from './texts.js'

/** Rows that cross at once: few enough to bound memory, many enough to make a crossing cheap. */
export const BLOCK_ROWS = 1 << 17

/** Distinct texts up to which rows are looked up; past it, copying a text costs less than finding it. */
const MAX_DISTINCT = 1 << 10

const NO_NUMBERS = new Float64Array(0)
const NO_CODES = new Uint32Array(0)
const NO_BYTES = new Uint8Array(0)
const NO_INTEGERS = new BigInt64Array(0)

/** Rows whose cells are copied at once: few enough to be in the cache when the cells are looked at. */
export const TILE_ROWS = 1 << 10

/** What the cells of a block have been so far. */
const enum Kind {
  Null,
  Number,
  Date,
  Boolean,
  Integer,
  /** Texts of which few are distinct. */
  Code,
  Text,
  Mixed,
}

/** Turns blocks of cells into columns; its arrays serve every block, so a block must be folded before the next. */
export class ColumnBuilder {
  readonly #rows: number
  readonly #key: string | undefined
  #reader: CellReader | undefined
  #source: readonly unknown[] = []
  #start = 0
  /** Cells of rows, from row `#tileStart` of the block to before `#tileEnd`. */
  readonly #tile: unknown[]
  #tileStart = 0
  #tileEnd = 0
  #taken = 0
  #kind = Kind.Null
  #valid = NO_BYTES
  #hasNull = false
  #numbers = NO_NUMBERS
  #codes = NO_CODES
  #booleans = NO_BYTES
  #integers = NO_INTEGERS
  #dictionary = new TextDictionary()
  #packed: PackedTexts = packTexts([])
  #texts: TextWriter | undefined

  /** For blocks of at most `rows` cells; with a `key`, of rows that have the cell there. */
  constructor(rows: number, key?: string) {
    this.#rows = rows
    this.#key = key
    this.#reader = key === undefined ? undefined : cellReader(key)
    this.#tile = key === undefined ? [] : new Array<unknown>(Math.min(rows, TILE_ROWS)).fill(undefined)
  }

  /** Starts a block with `source[start]`. */
  begin(source: readonly unknown[], start: number): void {
    this.#source = source
    this.#start = start
    this.#tileEnd = 0
    this.#taken = 0
    this.#kind = Kind.Null
    this.#hasNull = false
  }

  /** Goes on with the same rows of the block where they stand now. */
  readFrom(source: readonly unknown[], start: number): void {
    this.#source = source
    this.#start = start
  }

  /** Whether no cell of the block has a value. */
  get isNull(): boolean {
    return this.#kind === Kind.Null
  }

  /** From now on, a key that a row only inherits is one that it lacks; rows that inherit none read the same. */
  readOwn(): void {
    if (this.#key !== undefined) this.#reader = ownCellReader
  }

  /** Takes the cells of the block before number `end`. */
  take(end: number): void {
    while (this.#taken < end && this.#kind !== Kind.Mixed) {
      const last = this.#read(end)
      const row = this.#takeKind(this.#taken, last)
      this.#taken = row
      if (row < last) this.#change(this.#cell(row))
    }
    this.#taken = end
  }

  /** Has the cells from the first that is not taken on where `#cells` says, and tells before which they end. */
  #read(end: number): number {
    if (this.#reader === undefined) return end
    const first = this.#taken
    if (first < this.#tileStart || first >= this.#tileEnd) {
      this.#tileStart = first
      this.#tileEnd = Math.min(end, first + TILE_ROWS)
      this.#reader(this.#source, this.#start + first, this.#start + this.#tileEnd, this.#key as string, this.#tile)
    }
    return this.#tileEnd
  }

  /** Hands the cells taken to the kernel. */
  addTo(batch: Batch, name: string): void {
    const count = this.#taken
    const valid = this.#hasNull ? this.#valid.subarray(0, count) : undefined
    switch (this.#kind) {
      case Kind.Null:
        return batch.nulls(name)
      case Kind.Number:
        return batch.numbers(name, bits(this.#numbers.subarray(0, count)), valid)
      case Kind.Date:
        return batch.dates(name, bits(this.#numbers.subarray(0, count)), valid)
      case Kind.Boolean:
        return batch.booleans(name, this.#booleans.subarray(0, count), valid)
      case Kind.Integer:
        return batch.integers(name, this.#integers.subarray(0, count), valid)
      case Kind.Code: {
        const { texts } = this.#dictionary
        if (this.#packed.offsets.length !== texts.length + 1) this.#packed = packTexts(texts)
        return batch.strings(name, this.#codes.subarray(0, count), this.#packed.utf8, this.#packed.offsets, valid)
      }
      case Kind.Text: {
        const { utf8, offsets } = (this.#texts as TextWriter).packed()
        return batch.texts(name, utf8, offsets, valid)
      }
      default:
        return addMixed(batch, name, this.#all(count))
    }
  }

  #all(count: number): readonly unknown[] {
    const end = this.#start + count
    if (this.#reader === undefined) return this.#source.slice(this.#start, end)
    const cells = new Array<unknown>(count).fill(undefined)
    this.#reader(this.#source, this.#start, end, this.#key as string, cells)
    return cells
  }

  /** Where the cells that were read are: the cell of `row` is `#cells[row + #shift]`. */
  get #cells(): readonly unknown[] {
    return this.#reader === undefined ? this.#source : this.#tile
  }

  get #shift(): number {
    return this.#reader === undefined ? this.#start : -this.#tileStart
  }

  #cell(row: number): unknown {
    return this.#cells[row + this.#shift]
  }

  /** Decides what the block is once a cell is not what the cells before it are. */
  #change(cell: unknown): void {
    if (this.#kind === Kind.Code && typeof cell === 'string') {
      // The texts are too many to look up: all of this column's are copied from now on.
      this.#texts = new TextWriter(this.#rows)
      this.#dictionary = new TextDictionary()
      this.#taken = 0
      this.#kind = Kind.Text
    } else {
      this.#kind = this.#kind === Kind.Null ? this.#kindOf(cell) : Kind.Mixed
    }
    this.#reserve()
  }

  #kindOf(cell: unknown): Kind {
    switch (typeof cell) {
      case 'number':
        return Kind.Number
      case 'string':
        if (this.#texts === undefined) return Kind.Code
        // A text stands behind that of the row before it, also where rows have none.
        this.#taken = 0
        return Kind.Text
      case 'boolean':
        return Kind.Boolean
      case 'bigint':
        return Kind.Integer
      default:
        return timeOf(cell) === undefined ? Kind.Mixed : Kind.Date
    }
  }

  #reserve(): void {
    const rows = this.#rows
    const kind = this.#kind
    if ((kind === Kind.Number || kind === Kind.Date) && this.#numbers.length === 0) this.#numbers = new Float64Array(rows)
    if (kind === Kind.Code && this.#codes.length === 0) this.#codes = new Uint32Array(rows)
    if (kind === Kind.Boolean && this.#booleans.length === 0) this.#booleans = new Uint8Array(rows)
    if (kind === Kind.Integer && this.#integers.length === 0) this.#integers = new BigInt64Array(rows)
    if (kind === Kind.Text) this.#texts?.clear()
  }

  /** Takes cells while they are of the block's kind, and returns the first that is not. */
  #takeKind(row: number, end: number): number {
    switch (this.#kind) {
      case Kind.Number:
        return this.#takeNumbers(row, end)
      case Kind.Date:
        return this.#takeDates(row, end)
      case Kind.Boolean:
        return this.#takeBooleans(row, end)
      case Kind.Integer:
        return this.#takeIntegers(row, end)
      case Kind.Code:
        return this.#takeCodes(row, end)
      case Kind.Text:
        return this.#takeTexts(row, end)
      default:
        return this.#takeNulls(row, end)
    }
  }

  #takeNulls(row: number, end: number): number {
    while (row < end && this.#cell(row) == null) this.#null(row++)
    return row
  }

  #takeNumbers(row: number, end: number): number {
    const cells = this.#cells
    const shift = this.#shift
    const values = this.#numbers
    for (; row < end; row++) {
      const cell = cells[row + shift]
      if (typeof cell === 'number') values[row] = cell
      else if (cell == null) this.#null(row)
      else break
    }
    return row
  }

  #takeDates(row: number, end: number): number {
    for (; row < end; row++) {
      const cell = this.#cell(row)
      const time = timeOf(cell)
      if (time !== undefined) this.#numbers[row] = time
      else if (cell == null) this.#null(row)
      else break
    }
    return row
  }

  #takeBooleans(row: number, end: number): number {
    for (; row < end; row++) {
      const cell = this.#cell(row)
      if (typeof cell === 'boolean') this.#booleans[row] = Number(cell)
      else if (cell == null) this.#null(row)
      else break
    }
    return row
  }

  #takeIntegers(row: number, end: number): number {
    for (; row < end; row++) {
      const cell = this.#cell(row)
      if (cell == null) this.#null(row)
      // A typed array would wrap an integer past 64 bits around, in silence.
      else if (typeof cell === 'bigint' && BigInt.asIntN(64, cell) === cell) this.#integers[row] = cell
      else break
    }
    return row
  }

  #takeCodes(row: number, end: number): number {
    const cells = this.#cells
    const shift = this.#shift
    const codes = this.#codes
    const dictionary = this.#dictionary
    for (; row < end; row++) {
      const cell = cells[row + shift]
      if (typeof cell === 'string') {
        if (dictionary.texts.length > MAX_DISTINCT) break
        codes[row] = dictionary.code(cell)
      } else if (cell == null) this.#null(row)
      else break
    }
    return row
  }

  #takeTexts(row: number, end: number): number {
    const cells = this.#cells
    const shift = this.#shift
    const texts = this.#texts as TextWriter
    for (; row < end; row++) {
      const cell = cells[row + shift]
      if (typeof cell === 'string') texts.write(cell)
      else if (cell == null) {
        texts.write('')
        this.#null(row)
      } else break
    }
    return row
  }

  #null(row: number): void {
    if (!this.#hasNull) {
      if (this.#valid.length === 0) this.#valid = new Uint8Array(this.#rows)
      this.#valid.fill(1)
      this.#hasNull = true
    }
    this.#valid[row] = 0
  }
}

const { getTime } = Date.prototype

/** The milliseconds of a Date, also one of another realm; `undefined` for anything else. */
export function timeOf(cell: unknown): number | undefined {
  if (typeof cell !== 'object' || cell === null) return undefined
  try {
    return getTime.call(cell as Date)
  } catch {
    return undefined
  }
}

/** The bits of doubles: the kernel takes no floats, so that no host's float unit touches them. */
export function bits(values: Float64Array): BigUint64Array {
  return new BigUint64Array(values.buffer, values.byteOffset, values.length)
}
