/** JSON with every integer as it stands there: one that no number tells is a bigint. */
import { randomUUID } from 'node:crypto'

/** Strings, and numbers outside of them. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** The value of a text. Errors: those of `JSON.parse`. */
export function parseExactly(text: string): unknown {
  const value: unknown = JSON.parse(text)
  if (!/\d{16}/.test(text)) return value
  const mark = `${randomUUID()}:`
  const marked = text.replace(TOKENS, (token) => {
    const isLarge = /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token))
    return isLarge ? `"${mark}${token}"` : token
  })
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  )
}
