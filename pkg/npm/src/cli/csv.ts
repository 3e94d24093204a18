/** CSV as RFC 4180 has it: records of fields, quoted where they need to be; lines end with LF, CRLF or CR. */
import { IsofoldError } from '../error.js'

/**
 * The records of a text, the first of which has the names; blank lines are none.
 *
 * Errors: `host.argument` for a quote that is not closed, or that something follows.
 */
export function* records(text: string): Generator<string[]> {
  let record: string[] = []
  let field = ''
  let line = 1
  /** Whether the field began with a quote, and whether that is open. */
  let isQuoted = false
  let isOpen = false
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
      record.push(field)
      field = ''
      isQuoted = false
    } else if (character === '\n' || character === '\r') {
      if (character === '\r' && text[at + 1] === '\n') at++
      if (record.length > 0 || field !== '' || isQuoted) yield [...record, field]
      record = []
      field = ''
      isQuoted = false
      line++
    } else if (character === '"' && field === '' && !isQuoted) {
      isQuoted = true
      isOpen = true
    } else if (isQuoted) {
      throw refused(line, 'something follows a closed quote')
    } else field += character
  }
  if (isOpen) throw refused(line, 'a quote is not closed')
  if (record.length > 0 || field !== '' || isQuoted) yield [...record, field]
}

function refused(line: number, what: string): IsofoldError {
  return new IsofoldError({ code: 'host.argument', message: `line ${line} is not CSV: ${what}`, path: '' })
}
