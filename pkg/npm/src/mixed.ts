/**
 * A column whose cells are of several kinds, or of one that no column has.
 *
 * The one idea: every cell crosses as what it is, and the kernel decides, so that a number among texts is the same
 * error in every host.
 */
import { bits, timeOf } from './column-builder.js'
import type { Batch } from './batch.js'
import { packTexts, TextDictionary } from './texts.js'

/** How `Batch.mixed` tells kinds apart; the facade has the same table. */
const enum Kind {
  Null = 0,
  Boolean = 1,
  Number = 2,
  Int64 = 3,
  UInt64 = 4,
  Date = 5,
  Text = 6,
  Other = 7,
  Decimal = 8,
}

/** Hands exact numbers to the kernel, as the digits they are written with. */
export function addDecimals(batch: Batch, name: string, digits: readonly (string | undefined)[]): void {
  const kinds = new Uint8Array(digits.length)
  const words = new BigUint64Array(digits.length)
  const dictionary = new TextDictionary()
  digits.forEach((text, row) => {
    if (text === undefined) return
    kinds[row] = Kind.Decimal
    words[row] = BigInt(dictionary.code(text))
  })
  const { utf8, offsets } = packTexts(dictionary.texts)
  batch.mixed(name, kinds, words, utf8, offsets)
}

/** Hands cells to the kernel. */
export function addMixed(batch: Batch, name: string, cells: readonly unknown[]): void {
  const rows = cells.length
  const kinds = new Uint8Array(rows)
  const numbers = new Float64Array(rows)
  const words = bits(numbers)
  const dictionary = new TextDictionary()
  for (let row = 0; row < rows; row++) {
    const value = cells[row]
    if (value == null) continue
    const kind = kindOf(value)
    kinds[row] = kind
    if (kind === Kind.Number) numbers[row] = value as number
    else if (kind === Kind.Date) numbers[row] = timeOf(value) as number
    else if (kind === Kind.Text) words[row] = BigInt(dictionary.code(value as string))
    else if (kind === Kind.Other) words[row] = BigInt(dictionary.code(inWords(value)))
    else words[row] = BigInt.asUintN(64, BigInt(value as boolean | bigint))
  }
  const { utf8, offsets } = packTexts(dictionary.texts)
  batch.mixed(name, kinds, words, utf8, offsets)
}

function kindOf(value: NonNullable<unknown>): Kind {
  switch (typeof value) {
    case 'boolean':
      return Kind.Boolean
    case 'number':
      return Kind.Number
    case 'string':
      return Kind.Text
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return Kind.Int64
      return BigInt.asUintN(64, value) === value ? Kind.UInt64 : Kind.Other
    default:
      return timeOf(value) === undefined ? Kind.Other : Kind.Date
  }
}

function inWords(value: NonNullable<unknown>): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
