/**
 * Options of calls: which ones a call has, and what was given for them.
 *
 * The one idea: what a call does not know is refused here, in one way for every call, for a misspelt limit limits
 * nothing. Each option is read once. Symbols are left alone: hosts put them on objects, and no option is spelt so.
 *
 * Not here: the options that go into the kernel as they are, queries and specs; it refuses what it does not know.
 */
import { IsofoldError } from './error.js'
import { kindOf, shown } from './words.js'

/** The most groups that any rollup can hold. */
export const MOST_GROUPS = 2 ** 31

/** The most rows that any rollup can hold. */
const MOST_ROWS = 2n ** 62n

/**
 * What is given for the options that a call knows; those that are undefined are left out.
 *
 * Errors: `host.argument` for what is no object of options and for an option that is not known.
 */
export function optionsOf<K extends string>(given: unknown, known: readonly K[]): { [N in K]?: unknown } {
  // an object that inherits nothing, whatever somebody put into every object
  const found = Object.create(null) as { [N in K]?: unknown }
  if (given === undefined || given === null) return found
  if (typeof given !== 'object' || Array.isArray(given) || kindOf(given) !== undefined) {
    throw refused(`options must be an object, got ${shown(given)}`, 'options')
  }
  const holders = holdersOf(given)
  for (const key of holders.flatMap(Object.keys)) if (!known.includes(key as K)) throw unknown(key, known)
  const isGiven = (name: K): boolean => holders.some((holder) => Object.hasOwn(holder, name))
  if (holders.length > 1 && !known.some(isGiven)) {
    throw refused(`options must be an object, got one of a class with none of ${known.join(', ')}`, 'options')
  }
  for (const name of known.filter(isGiven)) {
    const value = (given as Record<K, unknown>)[name]
    if (value !== undefined) found[name] = value
  }
  return found
}

/** The object and what it inherits from, without what every object does, of whatever realm. */
function holdersOf(given: object): object[] {
  const holders = []
  for (let holder: object | null = given; holder !== null; holder = Object.getPrototypeOf(holder) as object | null) {
    if (Object.hasOwn(holder, 'hasOwnProperty') && Object.getPrototypeOf(holder) === null) break
    holders.push(holder)
  }
  return holders
}

function unknown(name: string, known: readonly string[]): IsofoldError {
  const meant = known.find((word) => bare(word) === bare(name))
  const hint = meant === undefined ? '' : `, ${meant} is meant`
  return refused(`the option ${name} is unknown${hint}; known are ${known.join(', ')}`, name)
}

/** A name without what differs between languages. */
function bare(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase()
}

/** The limit of groups that is given, if any. Errors: `host.argument`, `limit.groups` for more than any rollup has. */
export function groupsOf(maxGroups: unknown): number | undefined {
  if (maxGroups === undefined) return undefined
  const groups = typeof maxGroups === 'bigint' && maxGroups <= Number.MAX_SAFE_INTEGER ? Number(maxGroups) : maxGroups
  if (typeof groups !== 'number' || !Number.isSafeInteger(groups) || groups < 0) {
    throw refused(`maxGroups must be a whole number from 0 to ${MOST_GROUPS}, got ${shown(maxGroups)}`, 'maxGroups')
  }
  if (groups <= MOST_GROUPS) return groups
  throw new IsofoldError({ code: 'limit.groups', message: `maxGroups must be from 0 to ${MOST_GROUPS}, got ${groups}`, path: '' })
}

/** The limit of rows that is given, if any. Errors: `host.argument`, `limit.rows` for more than any rollup has. */
export function rowsOf(maxRows: unknown): bigint | undefined {
  if (maxRows === undefined) return undefined
  const isWhole = typeof maxRows === 'bigint' || (typeof maxRows === 'number' && Number.isInteger(maxRows) && maxRows < 2 ** 63)
  const rows = isWhole ? BigInt(maxRows) : -1n
  if (rows < 0n) throw refused(`maxRows must be a whole number from 0 to ${MOST_ROWS}, got ${shown(maxRows)}`, 'maxRows')
  if (rows <= MOST_ROWS) return rows
  throw new IsofoldError({ code: 'limit.rows', message: `maxRows must be from 0 to ${MOST_ROWS}, got ${rows}`, path: '' })
}

/** One of some words, if any is given. Errors: `host.argument`. */
export function wordOf<W extends string>(given: unknown, name: string, words: readonly W[]): W | undefined {
  if (given === undefined || words.includes(given as W)) return given as W | undefined
  const all = words.map((word) => `"${word}"`).join(' or ')
  throw refused(`${name} must be ${all}, got ${typeof given === 'string' ? JSON.stringify(given) : shown(given)}`, name)
}

/** A refusal of an argument. */
export function refused(message: string, path: string): IsofoldError {
  return new IsofoldError({ code: 'host.argument', message, path })
}
