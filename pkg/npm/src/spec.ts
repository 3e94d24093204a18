/**
 * The JSON that goes into the kernel, as types, and how Dates get into it.
 *
 * Not here: what the keys mean and whether they fit; the kernel says so, in the same words to every host.
 */
import { isDate } from './column-builder.js'
import { IsofoldError } from './error.js'

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

/** What a rollup is. */
export interface Spec {
  readonly name: string
  /** `timestamp`, `timestamp[s]`, `[ms]`, `[us]`, `[ns]`, `int64`, `float64`, `bool`, `string`. */
  readonly columns: Readonly<Record<string, string>>
  readonly time: string
  readonly bucket: Bucket
  readonly group_by?: GroupBy
  readonly where?: string
  readonly select: Readonly<Record<string, string>>
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
}

/** A coarser bucket, fewer keys, or both. */
export interface CoarsenOptions {
  readonly bucket?: Bucket
  readonly groupBy?: readonly string[]
}

/** How a rollup is made. */
export interface RollupOptions {
  /** The most groups it may hold, 1,000,000 unless told otherwise. */
  readonly maxGroups?: number
}

/** The limit of groups that is asked for, if any. Errors: `host.argument`. */
export function maxGroupsOf(options: RollupOptions): number | undefined {
  const maxGroups: unknown = options.maxGroups
  if (maxGroups === undefined) return undefined
  if (typeof maxGroups === 'number' && Number.isInteger(maxGroups) && maxGroups >= 0) return maxGroups
  const message = `maxGroups must be a whole number, got ${String(maxGroups)}`
  throw new IsofoldError({ code: 'host.argument', message, path: 'maxGroups' })
}

/** How rows are folded. */
export interface IngestOptions {
  /** How many threads may fold, all of the machine unless told otherwise; only the addon has threads. */
  readonly threads?: number
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
  if (typeof value !== 'object' || value === null) {
    throw new IsofoldError({ code: 'host.argument', message: `an object is wanted, got ${String(value)}`, path: name })
  }
  return JSON.stringify(value, plain)
}

/** The ISO 8601 text of an instant. Errors: `host.argument`. */
export function timeText(time: unknown, name: string): string {
  if (typeof time === 'string') return time
  if (isDate(time) && !Number.isNaN(time.getTime())) return time.toISOString()
  const got = isDate(time) ? 'an invalid date' : String(time)
  throw new IsofoldError({ code: 'host.argument', message: `${name} must be a Date or ISO 8601 text, got ${got}`, path: name })
}

function plain(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key]
  // Its own conversion makes an invalid date null, which would mean: no bound.
  if (isDate(original) && Number.isNaN(original.getTime())) {
    throw new IsofoldError({ code: 'host.argument', message: 'an invalid date is not a time', path: key })
  }
  return typeof value === 'bigint' ? Number(value) : value
}
