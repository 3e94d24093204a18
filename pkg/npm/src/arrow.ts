/**
 * Tables of apache-arrow, read by their shape, so that the library is not a dependency.
 *
 * The one idea: a record batch after the other, whose buffers the kernel reads as they are: numbers, times, and texts
 * in UTF-8.
 *
 * Not here: types that are read cell by cell need no code of their own; the kernel refuses those it does not take.
 */
import { isKind, kindOf, still, type TypedArray } from './arrays.js'
import { bits, BLOCK_ROWS } from './column-builder.js'
import { addCells, CODES, type CodedTexts, type NumberArray, othersOf } from './columns.js'
import { Batch } from './batch.js'
import { addDecimals } from './mixed.js'
import type { Keys } from './rows.js'
import { packTexts, type PackedTexts, TextDictionary } from './texts.js'
import { Widening } from './widening.js'

/** What is used of a table of apache-arrow, and of its record batches. */
export interface ArrowTable {
  readonly numRows: number
  readonly schema: { readonly fields: readonly { readonly name: string }[] }
  readonly batches?: readonly ArrowTable[]
  getChild(name: string): unknown
  slice?(start: number, end: number): ArrowTable
}

interface Vector {
  readonly length: number
  readonly nullCount: number
  readonly type: {
    readonly typeId: number
    readonly unit?: number
    readonly precision?: number
    readonly scale?: number
    readonly bitWidth?: number
    readonly timezone?: string | null
  }
  readonly data: readonly Chunk[]
  get(row: number): unknown
  toArray(): ArrayLike<unknown>
}

interface Chunk {
  readonly length: number
  /** The place of the first row in bitmaps; other buffers are cut to the rows. */
  readonly offset: number
  readonly nullCount: number
  readonly nullBitmap: ArrayLike<number>
  readonly values: ArrayLike<number>
  readonly valueOffsets?: ArrayLike<number>
  readonly dictionary?: Vector
}

/** Ids of types in the Arrow format. */
const enum TypeId {
  Dictionary = -1,
  Int = 2,
  Float = 3,
  Text = 5,
  Bool = 6,
  Decimal = 7,
  Date = 8,
  Timestamp = 10,
}

const HALF_PRECISION = 0
const UNITS = ['s', 'ms', 'us', 'ns']

/** Rows below which a record batch is not worth a crossing of its own. */
const MIN_BATCH_ROWS = 1 << 13

/** Texts of dictionaries that were packed already, by the array that holds them. */
type Packed = Map<unknown, PackedTexts>

/** A column that is handed over. */
interface Handed {
  readonly name: string
  readonly widening: Widening
}

/** Whether `input` looks like a table of apache-arrow. */
export function isArrowTable(input: object): input is ArrowTable {
  const table = input as Partial<ArrowTable>
  return typeof table.getChild === 'function' && typeof table.numRows === 'number' && Array.isArray(table.schema?.fields)
}

/** The batches of a table, each of which must be folded before the next is asked for. */
export function* batchesOfTable(names: readonly string[], table: ArrowTable, keys?: Keys): Generator<Batch> {
  const packed: Packed = new Map()
  const all = table.schema.fields.map(({ name }) => name)
  const others = othersOf(names, names.filter((name) => all.includes(name)).length, () => all)
  if (keys?.all === true) keys.see(all)
  const columns = names.map((name) => ({ name, widening: new Widening() }))
  for (const part of partsOf(table)) {
    const batch = new Batch(part.numRows)
    for (const column of columns) {
      const vector = part.getChild(column.name) as Vector | null
      if (vector != null) addVector(batch, column, vector, packed)
    }
    for (const name of others) batch.nulls(name)
    yield batch
  }
}

function* partsOf(table: ArrowTable): Generator<ArrowTable> {
  const { batches = [] } = table
  const areLarge = batches.length > 0 && table.numRows >= batches.length * MIN_BATCH_ROWS
  for (const part of areLarge ? batches : [table]) {
    if (part.numRows <= 2 * BLOCK_ROWS || part.slice === undefined) {
      yield part
    } else {
      for (let start = 0; start < part.numRows; start += BLOCK_ROWS) {
        yield part.slice(start, Math.min(start + BLOCK_ROWS, part.numRows))
      }
    }
  }
}

function addVector(batch: Batch, column: Handed, vector: Vector, packed: Packed): void {
  const { name } = column
  const { typeId, unit, precision } = vector.type
  const isHalf = typeId === TypeId.Float && precision === HALF_PRECISION
  if (typeId === TypeId.Int || (typeId === TypeId.Float && !isHalf)) return addNumeric(batch, column, vector)
  if (typeId === TypeId.Timestamp) {
    const values = vector.toArray() as ArrayLike<bigint>
    const counts = isKind(values, 'BigInt64Array') ? still(values) : BigInt64Array.from(values)
    const timeUnit = UNITS[unit ?? 0] as string
    if (vector.type.timezone) return batch.timestamps(name, counts, timeUnit, validity(vector))
    return batch.locals(name, counts, timeUnit, validity(vector))
  }
  if (typeId === TypeId.Date) {
    // a day has no zone; its midnight is that of the column's clock
    const midnights = BigInt64Array.from({ length: vector.length }, (_, row) => BigInt(Math.floor(Number(vector.get(row) ?? 0))))
    return batch.locals(name, midnights, 'ms', validity(vector))
  }
  if (typeId === TypeId.Bool) return batch.booleans(name, unpacked(vector, ({ values }) => values), validity(vector))
  if (typeId === TypeId.Decimal) return addDecimals(batch, name, digitsOf(vector))
  if (typeId === TypeId.Text) {
    const texts = buffersOf(vector)
    if (texts !== undefined) return batch.texts(name, texts.utf8, texts.offsets, validity(vector))
  }
  if (typeId === TypeId.Dictionary && vector.data.every((chunk) => isTexts(chunk.dictionary))) {
    return addDictionary(batch, column, vector, packed)
  }
  addCells(batch, name, Array.from({ length: vector.length }, (_, row) => vector.get(row)))
}

function addNumeric(batch: Batch, { name, widening }: Handed, vector: Vector): void {
  const values = vector.toArray()
  if (kindOf(values) === undefined) return addCells(batch, name, Array.from(values))
  const array = still(values as TypedArray)
  if (isKind(array, 'BigInt64Array')) return batch.integers(name, array, validity(vector))
  if (isKind(array, 'BigUint64Array')) return batch.unsigned(name, array, validity(vector))
  batch.numbers(name, bits(widening.numbers(array as NumberArray)), validity(vector))
}

/** The digits of decimals, whose units are integers of several 32-bit words, the lowest first. */
function digitsOf(vector: Vector): (string | undefined)[] {
  const valid = validity(vector)
  const digits: (string | undefined)[] = []
  const words = (vector.type.bitWidth ?? 128) / 32
  for (const { length, values } of vector.data) {
    for (let row = 0; row < length; row++) {
      let units = 0n
      for (let word = words - 1; word >= 0; word--) units = (units << 32n) | BigInt((values[row * words + word] as number) >>> 0)
      const isPresent = valid === undefined || valid[digits.length] === 1
      digits.push(isPresent ? `${BigInt.asIntN(32 * words, units)}e${-(vector.type.scale ?? 0)}` : undefined)
    }
  }
  return digits
}

function validity(vector: Vector): Uint8Array | undefined {
  if (vector.nullCount === 0) return undefined
  return unpacked(vector, ({ nullCount, nullBitmap }) => (nullCount === 0 ? undefined : nullBitmap))
}

/** The bits of a bitmap, a byte for each row; a chunk without one is all ones. */
function unpacked(vector: Vector, bitmapOf: (chunk: Chunk) => ArrayLike<number> | undefined): Uint8Array {
  const bytes = new Uint8Array(vector.length).fill(1)
  let row = 0
  for (const chunk of vector.data) {
    const bitmap = bitmapOf(chunk)
    const { length, offset } = chunk
    for (let i = 0; bitmap !== undefined && i < length; i++) {
      const place = offset + i
      bytes[row + i] = ((bitmap[place >> 3] as number) >> (place & 7)) & 1
    }
    row += length
  }
  return bytes
}

/** The texts of a vector as it holds them; `undefined` when they lie in several pieces. */
function buffersOf(vector: Vector): PackedTexts | undefined {
  const [chunk, second] = vector.data
  const given = chunk?.valueOffsets
  if (chunk === undefined || second !== undefined) return undefined
  if (!isKind(chunk.values, 'Uint8Array') || !isKind(given, 'Int32Array')) return undefined
  const places = still(given)
  if (places.length <= chunk.length) return undefined
  const first = places[0] ?? 0
  const offsets = new Uint32Array(places.buffer, places.byteOffset, chunk.length + 1)
  const utf8 = still(chunk.values).subarray(first, places[chunk.length])
  return { utf8, offsets: first === 0 ? offsets : offsets.map((offset) => offset - first) }
}

function isTexts(dictionary: Vector | undefined): dictionary is Vector {
  return dictionary !== undefined && dictionary.nullCount === 0 && typeof (dictionary.get(0) ?? '') === 'string'
}

/** A code that no dictionary has, for one that its own dictionary has not. */
const NO_TEXT = 0xffff_ffff

/** Chunks may have dictionaries of their own; each is read once and renumbered. */
function addDictionary(batch: Batch, { name, widening }: Handed, vector: Vector, packed: Packed): void {
  const [chunk, second] = vector.data
  if (chunk !== undefined && second === undefined && CODES.includes(kindOf(chunk.values) ?? '')) {
    const { utf8, offsets } = textsOf(chunk.dictionary as Vector, packed)
    // Buffers may be longer than their rows.
    const codes = still(chunk.values as unknown as CodedTexts['codes']).subarray(0, chunk.length)
    return batch.strings(name, widening.codes(codes), utf8, offsets, validity(vector))
  }
  const dictionary = new TextDictionary()
  const renumbered = new Map<Vector, Uint32Array>()
  const codes = new Uint32Array(vector.length)
  let row = 0
  for (const { dictionary: local, length, values } of vector.data as readonly (Chunk & { dictionary: Vector })[]) {
    let numbers = renumbered.get(local)
    if (numbers === undefined) {
      numbers = Uint32Array.from({ length: local.length }, (_, code) => dictionary.code(local.get(code) as string))
      renumbered.set(local, numbers)
    }
    for (let i = 0; i < length; i++) codes[row++] = numbers[values[i] as number] ?? NO_TEXT
  }
  const { utf8, offsets } = packTexts(dictionary.texts)
  batch.strings(name, codes, utf8, offsets, validity(vector))
}

function textsOf(dictionary: Vector, packed: Packed): PackedTexts {
  const key = dictionary.data[0]?.values
  const known = packed.get(key)
  if (known !== undefined) return known
  const texts = Array.from({ length: dictionary.length }, (_, code) => dictionary.get(code) as string)
  const found = buffersOf(dictionary) ?? packTexts(texts)
  packed.set(key, found)
  return found
}
