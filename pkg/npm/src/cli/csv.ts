/** CSV as RFC 4180 has it: records of fields, quoted where they need to be. */

/** The records of a text, the first of which has the names. */
export function* records(text: string): Generator<string[]> {
  let record: string[] = []
  let field = ''
  let quoted = false
  let touched = false
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at < text.length; at++) {
    const character = text[at] as string
    if (quoted) {
      if (character !== '"') field += character
      else if (text[at + 1] === '"') field += text[++at]
      else quoted = false
      continue
    }
    touched = true
    if (character === '"' && field === '') quoted = true
    else if (character === ',') {
      record.push(field)
      field = ''
    } else if (character === '\n') {
      record.push(field.endsWith('\r') ? field.slice(0, -1) : field)
      yield record
      record = []
      field = ''
      touched = false
    } else field += character
  }
  if (touched) yield [...record, field]
}
