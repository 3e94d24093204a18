/** CSV as RFC 4180 has it: records of fields, quoted where they need to be; lines end with LF, CRLF or CR. */
import { IsofoldError } from '../error.js'

/** A record, or what is wrong with it, and the line in which it begins. */
export interface CsvRecord {
  readonly line: number
  readonly fields: string[]
  readonly problem?: string
}

/**
 * The records of a text, the first of which has the names; blank lines are none. One that is broken within its line
 * tells its problem.
 *
 * Errors: `host.argument` for a quote that takes in other lines, and is not closed or has something behind it.
 */
export function* records(text: string): Generator<CsvRecord> {
  let fields: string[] = []
  let field = ''
  let line = 1
  /** Where the record begins. */
  let first = 1
  /** Whether the field began with a quote, and whether that is open. */
  let isQuoted = false
  let isOpen = false
  const started = (next: number): void => {
    fields = []
    field = ''
    isQuoted = false
    isOpen = false
    line = next
    first = next
  }
  const isThere = (): boolean => fields.length > 0 || field !== '' || isQuoted
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at < text.length; at++) {
    const character = text[at] as string
    if (isOpen) {
      if (character === '\n') line++
      if (character !== '"') field += character
      else if (text[at + 1] === '"') field += text[++at]
      else isOpen = false
      continue
    }
    if (character === ',') {
      fields.push(field)
      field = ''
      isQuoted = false
    } else if (character === '\n' || character === '\r') {
      if (character === '\r' && text[at + 1] === '\n') at++
      if (isThere()) yield { line: first, fields: [...fields, field] }
      started(line + 1)
    } else if (character === '"' && field === '' && !isQuoted) {
      isQuoted = true
      isOpen = true
    } else if (isQuoted) {
      yield broken(first, line, 'something follows a closed quote')
      at = lineEnd(text, at)
      started(line + 1)
    } else field += character
  }
  if (isOpen) yield broken(first, text.endsWith('\n') ? line - 1 : line, 'a quote is not closed')
  else if (isThere()) yield { line: first, fields: [...fields, field] }
}

/** Where the line ends that a character stands in. */
function lineEnd(text: string, at: number): number {
  const ends = [text.indexOf('\n', at), text.indexOf('\r', at)].filter((end) => end >= 0)
  if (ends.length === 0) return text.length
  const end = Math.min(...ends)
  return text.startsWith('\r\n', end) ? end + 1 : end
}

function broken(first: number, last: number, what: string): CsvRecord {
  if (first === last) return { line: first, fields: [], problem: `is not CSV: ${what}` }
  const message = `a quote of line ${first} is not closed in it and takes in the lines up to ${last}: ${what}`
  throw new IsofoldError({ code: 'host.argument', message, path: '' })
}
