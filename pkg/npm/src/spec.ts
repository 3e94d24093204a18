/**
 * The JSON that goes into the kernel, as types, and how Dates get into it.
 *
 * Not here: what the keys mean and whether they fit; the kernel says so, in the same words to every host.
 */
import { timeOf } from './column-builder.js'
import { groupsOf, MOST_GROUPS, optionsOf, refused, rowsOf, wordOf } from './options.js'
import { kindOf, shown } from './words.js'

/** An instant: a Date or ISO 8601 text. */
export type Time = Date | string

/** The width of a bucket, `"15 minutes"`, `"1 day"`, or with its options. */
export type Bucket = string | BucketOptions

/** A bucket that is not aligned as usual. */
export interface BucketOptions {
  readonly width: string
  /** A name of the tz database. */
  readonly timezone?: string
  readonly origin?: Time
  readonly offset?: string
}

/** Group keys: expressions, optionally named (`"lower(model) as m"`), or an object from name to expression. */
export type GroupBy = readonly (string | Readonly<Record<string, string>>)[] | Readonly<Record<string, string>>

/** `timestamp`, `timestamp[s]`, `[ms]`, `[us]`, `[ns]`, `int64`, `float64`, `decimal(0)` to `decimal(18)`, `bool`, `string`. */
export type ColumnType = string

/** A column of which more is said than its type. */
export interface ColumnOptions {
  readonly type: ColumnType
  /** Of a timestamp: whose clocks times without a zone were read off, a name of the tz database; else they are UTC. */
  readonly timezone?: string
  /** Whether columns and tables may lack it; it is NULL then. */
  readonly optional?: boolean
}

/** What a rollup is. */
export interface Spec {
  readonly name: string
  readonly columns: Readonly<Record<string, ColumnType | ColumnOptions>>
  readonly time: string
  readonly bucket: Bucket
  readonly group_by?: GroupBy
  readonly where?: string
  readonly select: Readonly<Record<string, string>>
  /** Aggregates and states such as `percentile_agg(x)` that no metric shows, for queries and coarser rollups. */
  readonly keep?: readonly string[]
}

/** A second step of a query: what is made of the rows of its answer. */
export interface Then {
  /** Columns of the answer, or expressions over them. */
  readonly group_by?: GroupBy
  readonly select: readonly (string | Readonly<Record<string, string>>)[] | Readonly<Record<string, string>>
  readonly where?: string
  readonly having?: string
  readonly order_by?: readonly string[]
  readonly limit?: number
  readonly offset?: number
}

/** What is asked of a rollup. */
export interface Query {
  readonly start?: Time
  readonly end?: Time
  /** `null` gives one row per key over the range. */
  readonly bucket?: Bucket | null
  readonly timezone?: string
  readonly align?: 'outer' | 'inner'
  readonly group_by?: GroupBy
  readonly where?: string
  readonly select?: readonly (string | Readonly<Record<string, string>>)[] | Readonly<Record<string, string>>
  readonly having?: string
  /** Names, with a minus for descending. */
  readonly order_by?: readonly string[]
  readonly limit?: number
  readonly offset?: number
  readonly gapfill?: Readonly<Record<string, number | string | boolean | null>>
  readonly windows?: Readonly<Record<string, string>>
  /** The metrics of the period of equal length before the range, under names that end in `_previous`. */
  readonly compare?: 'previous'
  /** What `$1`, `$2`, … stand for in expressions. */
  readonly parameters?: readonly (string | number | bigint | boolean | Date | null)[]
  /** Aggregates over the rows of the answer, which are the answer then; in Node, by the native module alone. */
  readonly then?: Then
  /** Decimals as texts with all their digits; they are the nearest numbers unless told otherwise. */
  readonly decimals?: 'text'
}

/** A coarser bucket, fewer keys, or both. */
export interface CoarsenOptions {
  readonly bucket?: Bucket
  /** The names of the keys to keep. */
  readonly group_by?: readonly string[]
}

/** How a rollup is made. */
export interface RollupOptions {
  /** The most groups it may hold, 1,000,000 unless told otherwise. */
  readonly maxGroups?: number
}

/** The most that may arrive with a rollup that somebody else made. */
export interface Budget extends RollupOptions {
  /** Rows in all, at most 2^62: as a bigint where that is to be exact. Bytes and rows of tables may have 2^48. */
  readonly maxRows?: number | bigint
  /** The first instant that its buckets may reach. */
  readonly start?: Time | null
  /** The first instant after its buckets. */
  readonly end?: Time | null
}

/** How rows of a table become a rollup. */
export interface StoredRowsOptions extends Budget {
  /** What becomes of a group that stands in several rows: `refuse`, unless told otherwise, or `merge`. */
  readonly duplicates?: 'refuse' | 'merge'
}

/** How a rollup is written as rows. */
export interface RowsOptions {
  /** Decimals as texts with all their digits; they are the nearest numbers unless told otherwise. */
  readonly decimals?: 'text'
}

/** The options of a budget. */
const BUDGET = ['maxRows', 'maxGroups', 'start', 'end'] as const

/** How rows are read: the JSON of a budget with what becomes of groups in several rows, and the limit of groups. */
export function storedRowsOf(options: StoredRowsOptions | null | undefined): { within: string; maxGroups: number | undefined } {
  const given = optionsOf(options, [...BUDGET, 'duplicates'])
  const word = wordOf(given.duplicates, 'duplicates', ['refuse', 'merge'])
  const within = jsonOf(given)
  return {
    within: word === undefined ? within : `${within.slice(0, -1)},"duplicates":"${word}"}`,
    maxGroups: groupsOf(given.maxGroups),
  }
}

/** As {@link storedRowsOf}, of rows that are merged: as many groups as any rollup has, unless told otherwise. */
export function mergedRowsOf(options: Budget | null | undefined): { within: string; maxGroups: number } {
  const budget = optionsOf(options, BUDGET)
  const maxGroups = groupsOf(budget.maxGroups) ?? MOST_GROUPS
  return { within: `${jsonOf(Object.assign(budget, { maxGroups })).slice(0, -1)},"duplicates":"merge"}`, maxGroups }
}

/** The JSON of a budget; `rows` are those it has where nothing is said of them. Errors: `host.argument`. */
export function budgetJson(budget: Budget | null | undefined, rows?: bigint): string {
  return jsonOf(optionsOf(budget, BUDGET), rows)
}

/** As {@link budgetJson}, of what comes into a range that is given beside it. */
export function limitsJson(limits: Pick<Budget, 'maxRows' | 'maxGroups'> | null | undefined, rows?: bigint): string {
  return jsonOf(optionsOf(limits, ['maxRows', 'maxGroups']), rows)
}

function jsonOf({ maxRows, maxGroups, start, end }: { [N in (typeof BUDGET)[number]]?: unknown }, rows?: bigint): string {
  const fields = [`"start":${timeJson(start, 'start')}`, `"end":${timeJson(end, 'end')}`]
  const [mostRows, mostGroups] = [rowsOf(maxRows) ?? rows, groupsOf(maxGroups)]
  if (mostRows !== undefined) fields.push(`"max_rows":${mostRows}`)
  if (mostGroups !== undefined) fields.push(`"max_groups":${mostGroups}`)
  return `{${fields.join(',')}}`
}

function timeJson(time: unknown, name: string): string {
  return time === undefined || time === null ? 'null' : JSON.stringify(timeText(time, name))
}

/** The limit of groups that is asked for, if any. Errors: `host.argument`. */
export function maxGroupsOf(options: RollupOptions | null | undefined): number | undefined {
  return groupsOf(optionsOf(options, ['maxGroups']).maxGroups)
}

/** The JSON of how rows are given. Errors: `host.argument`. */
export function rowsJson(options: RowsOptions | null | undefined): string {
  const given = optionsOf(options, ['decimals'])
  wordOf(given.decimals, 'decimals', ['text'])
  return toJson(given, 'options')
}

/** The JSON of a coarser bucket and of the keys to keep; a text is taken as JSON already. Errors: `host.argument`. */
export function coarsenJson(options: CoarsenOptions | string): string {
  const given: unknown = options
  if (given === undefined || given === null) throw refused(`an object is wanted, got ${shown(given)}`, 'coarsen')
  return toJson(typeof given === 'string' ? given : optionsOf(given, ['bucket', 'group_by']), 'coarsen')
}

/** How rows are folded. */
export interface IngestOptions {
  /** How many threads may fold, all of the machine for 0 or unless told otherwise; only the addon has threads. */
  readonly threads?: number
  /**
   * `true` refuses keys that are not declared, and declared columns that no row has unless they are optional; `'columns'`
   * refuses the latter alone.
   */
  readonly strict?: boolean | 'columns'
  /** What a row that does not fit does: `'stop'` refuses all rows, `'skip'` leaves it out and counts it. */
  readonly on_row_error?: 'stop' | 'skip'
}

/** What an ingest tells that may leave rows out. */
export interface Report {
  /** How many rows passed `where`. */
  readonly rows: number
  /** How many were left out. */
  readonly skipped: number
  /** By code, how many were left out for it, and the first ten: the row from the start of the call, the place, the words. */
  readonly errors: Readonly<
    Record<string, { readonly count: number; readonly first: readonly { readonly row: number; readonly path: string; readonly message: string }[] }>
  >
}

/** What an ingest tells under its options. */
export type Ingested<O> = O extends { readonly on_row_error: 'skip' } ? Report : number

/** How rows are folded, read once. */
export interface Folding {
  readonly threads: number | undefined
  /** The JSON of the other options. */
  readonly rest: string | undefined
  /** Whether all keys of rows are asked for. */
  readonly strict: boolean
  /** Whether rows may be left out. */
  readonly skips: boolean
}

/** The options as the kernel takes them. Errors: `host.argument`. */
export function ingestOptions(options: IngestOptions | null | undefined): Folding {
  const { threads, strict, on_row_error } = optionsOf(options, ['threads', 'strict', 'on_row_error'])
  if (threads !== undefined && typeof threads !== 'number') {
    throw refused(`threads must be a whole number, 0 or more, got ${shown(threads)}`, 'threads')
  }
  return {
    threads,
    rest: strict === undefined && on_row_error === undefined ? undefined : toJson({ strict, on_row_error }, 'options'),
    strict: strict !== undefined && strict !== false,
    skips: on_row_error === 'skip',
  }
}

/** What a rollup holds. */
export interface Stats {
  readonly groups: number
  /** Rows folded in: those that passed `where`. */
  readonly rows: number
  /** Rows in which a float64 column was NaN and therefore missing, by column. */
  readonly nan: Readonly<Record<string, number>>
  /** ISO 8601. */
  readonly first_bucket: string | null
  /** ISO 8601, exclusive. */
  readonly last_bucket_end: string | null
  readonly memory_bytes: number
}

/** The JSON text of `value`; a text is taken as JSON already. Errors: `host.argument`. */
export function toJson(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null || kindOf(value) !== undefined) throw refused(`an object is wanted, got ${shown(value)}`, name)
  const json = written(value, name)
  if (json === '{}' && isOfClass(value)) throw refused('an object is wanted, got one of a class that has no properties of its own', name)
  if (json !== undefined) return json
  throw refused(`an object is wanted, got one that writes itself as nothing`, name)
}

/** Whether an object inherits more than every object does, of whatever realm. */
function isOfClass(value: object): boolean {
  const parent = Object.getPrototypeOf(value) as object | null
  return parent !== null && Object.getPrototypeOf(parent) !== null
}

function written(value: object, name: string): string | undefined {
  try {
    return JSON.stringify(value, plain) as string | undefined
  } catch (error) {
    // what a getter throws is for its owner; that an object holds itself, or is too deep, each engine says in its words
    const { name: kind, message } = (error ?? {}) as { name?: unknown; message?: unknown }
    const isCycle = kind === 'TypeError' && /circular|cyclic/i.test(String(message))
    if (isCycle) throw refused('an object that holds itself cannot be written as JSON', name)
    if (kind === 'RangeError' || kind === 'InternalError') throw refused(`the object is too large or too deep: ${String(message)}`, name)
    throw error
  }
}

/** The ISO 8601 text of an instant. Errors: `host.argument`. */
export function timeText(time: unknown, name: string): string {
  if (typeof time === 'string') return time
  const millis = timeOf(time)
  if (millis !== undefined && !Number.isNaN(millis)) return new Date(millis).toISOString()
  const got = millis === undefined ? shown(time) : 'an invalid date'
  throw refused(`${name} must be a Date or ISO 8601 text, got ${got}`, name)
}

function plain(this: Record<string, unknown>, key: string, value: unknown): unknown {
  // Its own conversion makes an invalid date null, which would mean: no bound.
  if (Number.isNaN(timeOf(this[key]))) throw refused('an invalid date is not a time', key)
  // It writes these as null, which would mean: not given.
  if (typeof value === 'number' && !Number.isFinite(value)) throw refused(`a number is wanted, got ${value}`, key)
  return typeof value === 'bigint' ? Number(value) : value
}
