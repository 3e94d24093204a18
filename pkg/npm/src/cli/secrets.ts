/**
 * What the command writes to stderr, without passwords.
 *
 * The one idea: every line that tells of a problem goes through here, whoever wrote its words: this package, a driver, or
 * the person who gave a URL where a file was expected.
 */

/** Passwords that were given; short ones would blank out more than themselves. */
const known = new Set<string>()
const MIN_LENGTH = 4
const HIDDEN = '…'

/** What stands between a name and its host, and what follows `password=`, in however mistyped a connection. */
const PLACES: readonly (readonly [RegExp, string])[] = [
  [/([\w.%+-]+):\S*@/g, `$1:${HIDDEN}@`],
  [/(\bpass\w*\s*=\s*)(?:'(?:[^'\\]|\\.)*'?|\S+)/gi, `$1${HIDDEN}`],
]

/** Keeps the passwords of a connection from being written anywhere. */
export function hidePasswordsOf(connection: string): void {
  const found = [
    ...connection.matchAll(/[^\s:/@]*:([^\s]*)@/g),
    ...connection.matchAll(/\bpass\w*\s*=\s*'((?:[^'\\]|\\.)*)'?/gi),
    ...connection.matchAll(/\bpass\w*\s*=\s*([^\s'&]+)/gi),
  ]
  // a URL has its scheme before the name, which the pattern may take for the name
  for (const [, text = ''] of found) {
    for (const part of [text, text.replace(/^.*?:/, ''), text.replaceAll(/\\(.)/g, '$1')]) hide(part)
  }
}

function hide(text: string): void {
  for (const form of [text, decoded(text)]) if (form.length >= MIN_LENGTH) known.add(form)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The text without passwords. */
export function withoutPasswords(text: string): string {
  const bare = PLACES.reduce((text, [place, hidden]) => text.replaceAll(place, hidden), text)
  return [...known].reduce((text, password) => text.replaceAll(password, HIDDEN), bare)
}

/** Tells of a problem on stderr. */
export function complain(text: string): void {
  console.error(withoutPasswords(`isofold: ${text}`))
}
