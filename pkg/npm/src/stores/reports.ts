/** What a store tells of what it did. Times are ISO 8601 texts. */
import type { Time } from '../spec.js'

/** A range of time; `null` is open. */
export interface Window {
  readonly start: string | null
  readonly end: string | null
}

/** How far a refresh is. */
export interface Progress {
  readonly rollup: string
  readonly start: string | null
  readonly end: string | null
  readonly rows_read: number
  readonly groups_written: number
}

/** What a refresh did to one rollup. */
export interface RollupReport {
  readonly name: string
  readonly status: 'ok' | 'refused'
  readonly rows_read: number
  /** Rows that do not fit, which were left out. */
  readonly rows_skipped: number
  readonly groups_written: number
  readonly groups_deleted: number
  readonly transactions: number
  readonly ms: number
  readonly watermark: string | null
  readonly refused: readonly (Window & { readonly code: string })[]
  /** Changed ranges whose rows are dropped: what is stored of them stays, and nothing waits for them. */
  readonly lost: readonly Window[]
  /** Changed ranges that cannot be built yet. */
  readonly stale: readonly Window[]
}

/** How fresh one rollup is. */
export interface RollupState {
  readonly name: string
  readonly status: 'fresh' | 'stale' | 'never' | 'unwatched' | 'error'
  /** Whether all that is stale waits for the next refresh of the schedule, which is not late. */
  readonly pending: boolean
  readonly watermark: string | null
  readonly lag_seconds: number
  readonly groups: number
  readonly bytes: number
  readonly first_bucket: string | null
  readonly last_bucket_end: string | null
  readonly refreshed_at: string | null
  readonly refresh_ms: number | null
  readonly rows_read: number | null
  readonly groups_written: number | null
  readonly due: readonly Window[]
  /** Ranges below the watermark that changed and are not built again yet. */
  readonly stale: readonly Window[]
  /** Ranges of what is stored whose rows may change with nobody seeing it. */
  readonly unwatched: readonly Window[]
  readonly refused: readonly Window[]
  /** Ranges that changed after their rows were dropped, since this was asked last, with the number of logged changes. */
  readonly lost: readonly (Window & { readonly changes: number })[]
  /** Rows that do not fit and are left out, by what is wrong with them. */
  readonly skipped: readonly Skipped[]
  readonly error: string | null
}

/** Rows that do not fit and are left out. */
export interface Skipped {
  readonly code: string
  /** The column or expression that has the problem. */
  readonly path: string
  /** The problem of one of them, in words. */
  readonly message: string
  readonly rows: number
  /** The start of the first bucket that has some; `null` where their time is in no bucket. */
  readonly first_bucket: string | null
  readonly last_bucket: string | null
}

/** What init did, or would do. */
export interface InitReport {
  readonly rollups: readonly { readonly name: string; readonly status: string; readonly added: readonly string[]; readonly groups_filled: number }[]
  /** The statements that change tables, indexes, triggers and functions. */
  readonly statements: readonly string[]
}

/** What a refresh would build of one rollup, if those that it is built from were built before. */
export interface PlannedRollup {
  readonly name: string
  /** The table of rows, or the finer rollup. */
  readonly from: string
  readonly windows: readonly { readonly start: string; readonly end: string; readonly rows: number }[]
  readonly rows_to_read: number
  readonly watermark: string | null
  readonly refused: readonly Window[]
  readonly lost: readonly Window[]
  readonly stale: readonly Window[]
}

/** A refresh of one rollup. */
export interface RefreshRun {
  readonly rollup: string
  /** By the clock of the database. */
  readonly started_at: string
  readonly ended_at: string
  /** `null` where it failed, as the groups. */
  readonly rows_read: number | null
  readonly groups_written: number | null
  /** What ended it, in JSON. */
  readonly error: string | null
}

/** A column of the table of a rollup. */
export interface TableColumn {
  readonly name: string
  /** As the database tells it. */
  readonly type: string
  readonly kind: 'bucket' | 'key' | 'metric' | 'computed_at' | 'state' | 'other'
  /** What it holds, as `types` of a result says it; `null` of states and of what others made. */
  readonly values: string | null
}

/** When a rollup was refreshed, and when it is due. */
export interface DueRollup {
  readonly name: string
  readonly refreshed_at: string | null
  readonly due_in_ms: number
}

/** What an answer was read from. */
export interface Coverage {
  readonly segments: readonly (Window & { readonly from: string })[]
  /** Ranges of which nothing is kept any more, or nothing was asked. */
  readonly missing: readonly Window[]
  /** Ranges of them that rows were not asked for (`tail: false`). */
  readonly left_out: readonly Window[]
  /** Ranges of stored groups that changed and are not built again yet, or of which it is not known that they did not. */
  readonly stale: readonly Window[]
  /** Ranges of stored groups that changed after their rows were dropped: they stay as they were. */
  readonly lost: readonly Window[]
  readonly watermark: string | null
}

/** Options of {@link Store.plan}. */
export interface PlanOptions {
  /** One name or several; all when left out. */
  readonly rollups?: string | readonly string[] | undefined
  /** Everything from here on is built again, however old. */
  readonly since?: Time | undefined
  /** Nothing from here on is built, in whole buckets. */
  readonly until?: Time | undefined
  /** Builds windows also where rows seem to have been dropped. */
  readonly force?: boolean
  /** The time; that of the database when left out. */
  readonly now?: Time
}

/** Options of {@link Store.refresh}. */
export interface RefreshOptions extends PlanOptions {
  /** Told after every step. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}
