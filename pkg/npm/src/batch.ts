/** A batch of the kernel, whose calls fail with a code. */
import { call } from './call.js'
import { kernel, type RawBatch } from './kernel.js'

/** Columns being put together; the parameters are those of {@link RawBatch}. */
export class Batch {
  readonly raw: RawBatch

  /** A batch of so many rows. */
  constructor(rows: number) {
    const { Batch: Raw } = kernel()
    this.raw = call(() => new Raw(rows))
  }

  numbers(name: string, bits: BigUint64Array, valid?: Uint8Array): void {
    call(() => this.raw.numbers(name, bits, valid))
  }

  integers(name: string, values: BigInt64Array, valid?: Uint8Array): void {
    call(() => this.raw.integers(name, values, valid))
  }

  unsigned(name: string, values: BigUint64Array, valid?: Uint8Array): void {
    call(() => this.raw.unsigned(name, values, valid))
  }

  dates(name: string, bits: BigUint64Array, valid?: Uint8Array): void {
    call(() => this.raw.dates(name, bits, valid))
  }

  timestamps(name: string, values: BigInt64Array, unit: string, valid?: Uint8Array): void {
    call(() => this.raw.timestamps(name, values, unit, valid))
  }

  /** Timestamps without a zone. */
  locals(name: string, values: BigInt64Array, unit: string, valid?: Uint8Array): void {
    call(() => this.raw.locals(name, values, unit, valid))
  }

  booleans(name: string, values: Uint8Array, valid?: Uint8Array): void {
    call(() => this.raw.booleans(name, values, valid))
  }

  strings(name: string, codes: Uint32Array, utf8: Uint8Array, offsets: Uint32Array, valid?: Uint8Array): void {
    call(() => this.raw.strings(name, codes, utf8, offsets, valid))
  }

  texts(name: string, utf8: Uint8Array, offsets: Uint32Array, valid?: Uint8Array): void {
    call(() => this.raw.texts(name, utf8, offsets, valid))
  }

  mixed(name: string, kinds: Uint8Array, words: BigUint64Array, utf8: Uint8Array, offsets: Uint32Array): void {
    call(() => this.raw.mixed(name, kinds, words, utf8, offsets))
  }

  nulls(name: string): void {
    call(() => this.raw.nulls(name))
  }

  noRow(row: number, what: string): void {
    call(() => this.raw.noRow(row, what))
  }

  unread(row: number, words: string): void {
    call(() => this.raw.unread(row, words))
  }

  /** Gives the memory back at once. */
  free(): void {
    call(() => this.raw.free?.())
  }
}
