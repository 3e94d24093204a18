/**
 * Tables of apache-arrow, read by their shape, so that the library is not a dependency.
 *
 * Not here: types that are read cell by cell need no code of their own; the kernel refuses those it does not take.
 */
import { addCells, addColumn, type ColumnInput } from './columns.js'
import type { RawBatch } from './kernel.js'
import { packTexts, TextDictionary } from './texts.js'

/** What is used of a table of apache-arrow. */
export interface ArrowTable {
  readonly numRows: number
  readonly schema: { readonly fields: readonly { readonly name: string }[] }
  getChild(name: string): unknown
}

interface Vector {
  readonly length: number
  readonly nullCount: number
  readonly type: { readonly typeId: number; readonly unit?: number; readonly precision?: number }
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
  readonly dictionary?: Vector
}

/** Ids of types in the Arrow format. */
const enum TypeId {
  Dictionary = -1,
  Int = 2,
  Float = 3,
  Bool = 6,
  Timestamp = 10,
}

const HALF_PRECISION = 0
const UNITS = ['s', 'ms', 'us', 'ns']

/** Whether `input` looks like a table of apache-arrow. */
export function isArrowTable(input: object): input is ArrowTable {
  const table = input as Partial<ArrowTable>
  return typeof table.getChild === 'function' && typeof table.numRows === 'number' && Array.isArray(table.schema?.fields)
}

/** Hands the named columns of a table to the kernel, which misses those that are absent. */
export function addTable(batch: RawBatch, names: readonly string[], table: ArrowTable): void {
  for (const name of names) {
    const vector = table.getChild(name) as Vector | null
    if (vector != null) addVector(batch, name, vector)
  }
}

function addVector(batch: RawBatch, name: string, vector: Vector): void {
  const { typeId, unit, precision } = vector.type
  const isHalf = typeId === TypeId.Float && precision === HALF_PRECISION
  if (typeId === TypeId.Int || (typeId === TypeId.Float && !isHalf)) {
    return addColumn(batch, name, vector.toArray() as ColumnInput, validity(vector))
  }
  if (typeId === TypeId.Timestamp) {
    const values = vector.toArray() as ArrayLike<bigint>
    const counts = values instanceof BigInt64Array ? values : BigInt64Array.from(values)
    return batch.timestamps(name, counts, UNITS[unit ?? 0] as string, validity(vector))
  }
  if (typeId === TypeId.Bool) return batch.booleans(name, unpacked(vector, ({ values }) => values), validity(vector))
  if (typeId === TypeId.Dictionary && vector.data.every((chunk) => isTexts(chunk.dictionary))) {
    return addDictionary(batch, name, vector)
  }
  addCells(batch, name, Array.from({ length: vector.length }, (_, row) => vector.get(row)))
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

function isTexts(dictionary: Vector | undefined): boolean {
  return dictionary !== undefined && dictionary.nullCount === 0 && typeof (dictionary.get(0) ?? '') === 'string'
}

/** Chunks may have dictionaries of their own; each is read once and renumbered. */
function addDictionary(batch: RawBatch, name: string, vector: Vector): void {
  const dictionary = new TextDictionary()
  const renumbered = new Map<Vector, Uint32Array>()
  const codes = new Uint32Array(vector.length)
  let row = 0
  for (const chunk of vector.data) {
    const local = chunk.dictionary as Vector
    let numbers = renumbered.get(local)
    if (numbers === undefined) {
      numbers = Uint32Array.from({ length: local.length }, (_, code) => dictionary.code(local.get(code) as string))
      renumbered.set(local, numbers)
    }
    const { length, values } = chunk
    for (let i = 0; i < length; i++) codes[row++] = numbers[values[i] as number] ?? 0
  }
  const { utf8, offsets } = packTexts(dictionary.texts)
  batch.strings(name, codes, utf8, offsets, validity(vector))
}
