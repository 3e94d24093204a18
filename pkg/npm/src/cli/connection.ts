/**
 * What `--database` names.
 *
 * The one idea: a connection is a URL of PostgreSQL, the keywords and values of libpq, or a folder of PGlite that says so.
 * Nothing else is one, and what is none is never taken for the name of a file, and never told back.
 */
import { IsofoldError } from '../error.js'

/** A database. */
export type Connection = { readonly pglite: string } | { readonly url: string }

/** The database that a text names. Errors: `host.argument`, without the text. */
export function connectionOf(text: string): Connection {
  if (text.startsWith('pglite:')) return { pglite: text.slice('pglite:'.length) }
  if (/^postgres(?:ql)?:\/\//i.test(text)) return { url: text }
  if (/^\s*\w+\s*=/.test(text)) return { url: urlOf(keywordsOf(text)) }
  throw refused('a database is postgresql://…, host=… dbname=… user=…, or pglite:DIR; what is given is none of these')
}

/** The error of a connection that cannot be read. */
export function refused(message: string): IsofoldError {
  return new IsofoldError({ code: 'host.argument', message, path: 'database' })
}

/** The keywords of libpq and their values, which may stand in quotes. */
function keywordsOf(text: string): Map<string, string> {
  const pair = /\s*(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/y
  const keywords = new Map<string, string>()
  while (pair.lastIndex < text.trimEnd().length) {
    const found = pair.exec(text)
    if (found === null) throw refused('the keywords of the database cannot be read: each is name=value or name=\'value\'')
    const [, name = '', quoted, bare = ''] = found
    keywords.set(name, (quoted ?? bare).replaceAll(/\\(.)/gs, '$1'))
  }
  return keywords
}

/** The URL that means the same. */
function urlOf(keywords: Map<string, string>): string {
  const take = (name: string): string => {
    const value = keywords.get(name) ?? ''
    keywords.delete(name)
    return encodeURIComponent(value)
  }
  const [user, password, address, host, port, database] = ['user', 'password', 'hostaddr', 'host', 'port', 'dbname'].map(take) as [
    string, string, string, string, string, string,
  ]
  const where = address || host
  // a folder of sockets is no host of a URL
  const isFolder = where.startsWith('%2F')
  if (isFolder) keywords.set('host', decodeURIComponent(where))
  const name = password === '' ? user : `${user}:${password}`
  const place = `${isFolder ? '' : where.replaceAll('%3A', ':')}${port === '' ? '' : `:${port}`}`
  const rest = [...keywords].map(([keyword, value]) => `${keyword}=${encodeURIComponent(value)}`).join('&')
  return `postgresql://${name === '' ? '' : `${name}@`}${place}/${database}${rest === '' ? '' : `?${rest}`}`
}
