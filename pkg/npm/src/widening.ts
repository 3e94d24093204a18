/**
 * Numbers and codes of any width, in the one that the kernel takes.
 *
 * The one idea: one array serves every block of a column. New arrays for each block would all be new memory, which the
 * system has to clear and the collector to find.
 */
import { isKind } from './arrays.js'
import type { CodedTexts, NumberArray } from './columns.js'

/** The wide form of the blocks of one column; a block must be folded before the next. */
export class Widening {
  #numbers = new Float64Array(0)
  #codes = new Uint32Array(0)

  /** The values as doubles; every integer of 32 bits and every float of 32 bits is exactly one. */
  numbers(values: NumberArray): Float64Array {
    if (isKind(values, 'Float64Array')) return values
    if (this.#numbers.length < values.length) this.#numbers = new Float64Array(values.length)
    const numbers = this.#numbers.subarray(0, values.length)
    numbers.set(values)
    return numbers
  }

  /** The codes, a view where they are wide already. */
  codes(codes: CodedTexts['codes']): Uint32Array {
    if (codes.BYTES_PER_ELEMENT === 4) return new Uint32Array(codes.buffer, codes.byteOffset, codes.length)
    if (this.#codes.length < codes.length) this.#codes = new Uint32Array(codes.length)
    const wide = this.#codes.subarray(0, codes.length)
    wide.set(codes)
    return wide
  }
}
