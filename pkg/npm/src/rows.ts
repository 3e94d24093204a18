/**
 * Rows as objects, turned into columns.
 *
 * The one idea: a few rows stay in the processor's cache while one column after the other is taken out of them, and a
 * key that a row lacks is NULL.
 */
import { BLOCK_ROWS, ColumnBuilder, TILE_ROWS } from './column-builder.js'
import { IsofoldError } from './error.js'
import { Batch } from './batch.js'
import { isArrowTable } from './arrow.js'
import { nameless } from './words.js'

/** A row: an object with the columns as properties of its own; other keys are left alone. */
export type Row = object

/** Who is told which keys rows have, for the kernel to decide what is a typing error. */
export interface Keys {
  /** Whether all keys of all rows are asked for; else those of blocks in which a column has no value. */
  readonly all: boolean
  see(keys: string[]): void
}

/** Distinct keys that are told at once. */
const MAX_KEYS = 1 << 10

/** What is read in the place of a row that is none. */
const NO_ROW: Row = Object.freeze({})

/**
 * The batches of `rows`, each of which must be folded before the next is asked for.
 *
 * What is no row is told to the batch, and refused or left out by the kernel.
 */
export function* batchesOfRows(names: readonly string[], rows: readonly Row[], keys?: Keys): Generator<Batch> {
  const capacity = Math.min(BLOCK_ROWS, rows.length)
  const builders = names.map((name) => new ColumnBuilder(capacity, name))
  for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows.length - start)
    const block = new Block(rows, start, count)
    for (const builder of builders) builder.begin(rows, start)
    for (let tile = 0; tile < count; tile += TILE_ROWS) {
      const end = Math.min(tile + TILE_ROWS, count)
      const arePlain = block.look(tile, end)
      for (const builder of builders) {
        if (!arePlain) builder.readOwn()
        if (block.others.size > 0) builder.readFrom(block.rows, block.start)
        builder.take(end)
      }
    }
    if (keys !== undefined && (keys.all || builders.some((builder) => builder.isNull))) tellKeys(keys, block.rows, block.start, block.start + count)
    const batch = new Batch(count)
    builders.forEach((builder, column) => builder.addTo(batch, names[column] as string))
    for (const [row, other] of block.others) {
      if (other instanceof IsofoldError) batch.unread(row, other.message)
      else batch.noRow(row, whatIsNoRow(other) ?? 'null')
    }
    yield batch
  }
}

/** Some rows, and which of them are none. */
class Block {
  /** The rows, and where they begin: a copy once one of them is none. */
  rows: readonly Row[]
  start: number
  readonly #count: number
  /** What stands in the place of rows. */
  readonly others = new Map<number, unknown>()
  /** Objects that inherit from it are rows. */
  #parent: unknown

  constructor(rows: readonly Row[], start: number, count: number) {
    this.rows = rows
    this.start = start
    this.#count = count
  }

  /** Looks at rows before they are read, and tells whether they inherit from `Object` of this realm alone. */
  look(start: number, end: number): boolean {
    let areAll = tellsParent
    for (let row = start; row < end; row++) {
      const value: unknown = this.rows[this.start + row]
      const isObject = typeof value === 'object' && value !== null
      const parent = isObject && tellsParent ? (value as { __proto__?: unknown }).__proto__ : undefined
      if (isObject && parent === Object.prototype) continue
      areAll = false
      if (isObject && parent !== undefined && parent === this.#parent) continue
      if (value instanceof IsofoldError || whatIsNoRow(value) !== undefined) this.#leaveOut(row, value)
      else this.#parent = parent
    }
    return areAll
  }

  #leaveOut(row: number, value: unknown): void {
    if (this.others.size === 0) {
      this.rows = this.rows.slice(this.start, this.start + this.#count)
      this.start = 0
    }
    ;(this.rows as Row[])[row] = NO_ROW
    this.others.set(row, value)
  }
}

function whatIsNoRow(value: unknown): string | undefined {
  return nameless(value) ?? (isArrowTable(value as object) ? 'a table' : undefined)
}

function tellKeys(keys: Keys, rows: readonly object[], start: number, end: number): void {
  const seen = new Set<string>()
  for (let row = start; row < end; row++) {
    for (const key of Object.keys(rows[row] as object)) seen.add(key)
    if (seen.size > MAX_KEYS) {
      keys.see([...seen])
      seen.clear()
    }
  }
  keys.see([...seen])
}

/** Whether reading `__proto__` costs nothing and tells what an object inherits from; a host can forbid or remove it. */
const tellsParent = ((): boolean => {
  try {
    return ({} as { __proto__?: unknown }).__proto__ === Object.prototype
  } catch {
    return false
  }
})()
