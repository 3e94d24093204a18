/**
 * The other operand of a verb: a rollup of this copy of the package or another, or the bytes of one.
 */
import { bytesOf } from './arrays.js'
import { refused } from './options.js'
import { shown } from './words.js'

/** What a rollup has counted itself it may bring, if it goes by way of bytes or not. */
export function rowsOfRollup(other: unknown): bigint | undefined {
  return bytesOf(other) === undefined ? 1n << 62n : undefined
}

/** The bytes of a rollup of any copy of the package, or bytes. Errors: `host.argument`. */
export function encoded(other: unknown): Uint8Array {
  const encode = (other as { encode?: () => unknown } | null | undefined)?.encode
  return toBytes(typeof encode === 'function' ? encode.call(other) : other)
}

/** Bytes of any kind. Errors: `host.argument`. */
export function toBytes(given: unknown): Uint8Array {
  const bytes = bytesOf(given)
  if (bytes !== undefined) return bytes
  throw refused(`a rollup or its bytes are wanted, got ${shown(given)}`, '')
}
