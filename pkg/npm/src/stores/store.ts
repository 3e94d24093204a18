/**
 * The store: a catalog in a database.
 *
 * The one idea: a run of the kernel says which statement it wants, the driver runs it, the rows go back, until there
 * is a result. Not here: anything about rollups.
 */
import { batchesOf } from '../ingest.js'
import { call } from '../call.js'
import { IsofoldError } from '../error.js'
import { isReady, kernel, type RawBatch, type RawFrame, type RawRollup } from '../kernel.js'
import { optionsOf, refused } from '../options.js'
import { Result } from '../result.js'
import { Rollup } from '../rollup.js'
import { type Query, type Time, timeText, toJson } from '../spec.js'
import { shown } from '../words.js'
import type { Connection, Driver, SqlCell, SqlRow } from './driver.js'

/** Rows that are handed to the kernel at once. */
const BATCH_ROWS = 20_000
const CURSOR = 'isofold_rows'

interface RawStep {
  readonly sql: string
  readonly parameters?: readonly SqlCell[]
  readonly columns?: readonly string[]
}

interface RawRun {
  advance(rows: readonly SqlRow[]): RawStep | null
  fail(code: string, message: string): RawStep | null
  fold(batch: RawBatch): void
  progress(): string
  report(): string
  answer(): RawFrame | null
  rollup(): RawRollup | null
}

interface RawStore {
  limitMemory(bytes: number): void
  names(): string[]
  schedule(): string
  start(name: string, options: string): RawRun
  noteFailure(rollup: string, code: string, message: string): RawRun
}

interface StoreKernel {
  readonly Store?: new (catalog: string, dialect: string) => RawStore
}

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
  readonly refused: readonly Window[]
  /** Ranges that changed after their rows were dropped, since this was asked last, with the number of logged changes. */
  readonly lost: readonly (Window & { readonly changes: number })[]
  readonly error: string | null
}

/** What an answer was read from. */
export interface Coverage {
  readonly segments: readonly (Window & { readonly from: string })[]
  /** Ranges of which nothing is kept any more. */
  readonly missing: readonly Window[]
  readonly watermark: string | null
}

/** Options of {@link Store.refresh}. */
export interface RefreshOptions {
  /** One name or several; all when left out. */
  readonly rollups?: string | readonly string[] | undefined
  /** Everything from here on is built again, however old. */
  readonly since?: Time | undefined
  /** Builds windows also where rows seem to have been dropped. */
  readonly force?: boolean
  /** The time; the clock's when left out. */
  readonly now?: Time
  /** Told after every step. */
  readonly onProgress?: ((progress: Progress) => void) | undefined
}

/** A catalog in a database; made by `openStore`. */
export class Store {
  readonly #raw: RawStore
  readonly #driver: Driver
  #last: Promise<unknown> = Promise.resolve()

  /** @internal */
  constructor(catalog: object | string, driver: Driver) {
    const Raw = isReady() ? (kernel() as StoreKernel).Store : undefined
    if (Raw === undefined) {
      const message = 'stores need the native addon, which cannot be loaded here'
      throw new IsofoldError({ code: 'store.driver', message, path: '' })
    }
    const json = toJson(catalog, 'catalog')
    this.#raw = call(() => new Raw(json, 'postgres'))
    this.#driver = driver
  }

  /** The names of the rollups, each after the one it is built from. */
  get rollups(): readonly string[] {
    return call(() => this.#raw.names())
  }

  /**
   * Keeps at most so many bytes of what queries read, for the queries that follow; 0 keeps none.
   *
   * Answers are the same. The default is 64 MiB.
   *
   * @param maxBytes A whole number, 0 or more.
   * @throws `host.argument`.
   */
  limitMemory(maxBytes: number): void {
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
      const message = `maxBytes must be a whole number, 0 or more, got ${shown(maxBytes)}`
      throw new IsofoldError({ code: 'host.argument', message, path: 'maxBytes' })
    }
    call(() => this.#raw.limitMemory(maxBytes))
  }

  /** Tells the seconds between two refreshes of each rollup, nothing for one without a `schedule_interval`. */
  schedule(): Readonly<Record<string, number | null>> {
    return JSON.parse(call(() => this.#raw.schedule())) as Record<string, number | null>
  }

  /**
   * Makes the tables, adds the columns of new metrics and fills them from the states that are stored.
   *
   * @returns For each rollup its name, status (made or there), added columns and filled groups.
   * @throws `store.table`, `store.database`.
   */
  async init(): Promise<{ rollups: { name: string; status: string; added: string[]; groups_filled: number }[] }> {
    return await this.#report('init', {})
  }

  /**
   * Builds what is due, window by window, each in one transaction that writes only what changed. One that fails
   * stops no other; all that failed is told at the end.
   *
   * **Cost** Memory for the groups of a window, however many rows it has.
   *
   * @param options.rollups One name or several; all when left out.
   * @param options.since Everything from here on is built again, however old.
   * @param options.force Builds windows also where rows seem to have been dropped.
   * @param options.now The time; the clock's when left out.
   * @param options.onProgress Told after every step how far the refresh is.
   * @returns For each rollup its name, status, rows read, groups written and deleted, transactions, ms,
   *   watermark, and the windows that were refused, are lost to retention, or stay stale.
   * @throws `ingest.*`, `expr.*`, `limit.*`, `refresh.rollup`, `range.invalid`, `store.*`, `host.argument`.
   */
  async refresh(options: RefreshOptions = {}): Promise<{ now: string; rollups: RollupReport[] }> {
    const { rollups, since, force = false, now = new Date(), onProgress } = optionsOf(options, ['rollups', 'since', 'force', 'now', 'onProgress'])
    if (onProgress !== undefined && typeof onProgress !== 'function') throw refused(`onProgress must be a function, got ${shown(onProgress)}`, 'onProgress')
    const times = { now: timeText(now, 'now'), since: since === undefined ? undefined : timeText(since, 'since') }
    const asked = toJson({ ...times, force, rollups: typeof rollups === 'string' ? [rollups] : rollups }, 'refresh')
    const run = call(() => this.#raw.start('refresh', asked))
    try {
      return await this.#drive(run, () => JSON.parse(run.report()) as { now: string; rollups: RollupReport[] }, onProgress as RefreshOptions['onProgress'])
    } catch (error) {
      const { code, message } = error instanceof IsofoldError ? error : databaseError(error)
      const { rollup } = JSON.parse(run.progress()) as Progress
      // the database that failed cannot be told so
      await this.#drive(this.#raw.noteFailure(rollup, code, message), () => undefined).catch(() => undefined)
      throw error
    }
  }

  /**
   * Answers a query from the coarsest rollups that can, from finer ones at its edges, and from rows past them.
   *
   * @param rollup The name of the rollup.
   * @param query The query, as a rollup takes it; its range may start and end anywhere.
   * @returns The result, and its coverage: what answered which part, and of what nothing is kept any more.
   * @throws `query.*`, `expr.*`, `range.*`, `refresh.rollup`, `limit.*`, `store.*`, `host.argument`.
   */
  async query(rollup: string, query: Query = {}): Promise<{ result: Result; coverage: Coverage }> {
    const asked = `{"rollup":${JSON.stringify(rollup)},"query":${toJson(query, 'query')}}`
    const run = call(() => this.#raw.start('query', asked))
    return await this.#drive(run, () => {
      const coverage = JSON.parse(run.report()) as Coverage
      return { result: new Result(run.answer() as RawFrame), coverage }
    })
  }

  /**
   * Loads a rollup: what is stored up to the watermark, and rows from there on.
   *
   * @param rollup The name of the rollup.
   * @param start The first instant, on the edge of a bucket; open when left out.
   * @param end The first instant after the range, on the edge of a bucket; open when left out.
   * @returns The rollup.
   * @throws `refresh.schema`, `refresh.rollup`, `range.*`, `limit.*`, `store.*`, `host.argument`.
   */
  async load(rollup: string, start?: Time, end?: Time): Promise<Rollup> {
    const run = call(() => this.#raw.start('load', options({ rollup, start, end })))
    return await this.#drive(run, () => Rollup.decode((run.rollup() as RawRollup).encode()))
  }

  /**
   * Tells how fresh every rollup is: status, watermark, lag, size, what is due, stale or lost, the last error.
   *
   * @param now The time; the clock's when left out.
   * @returns For each rollup its state; the status is fresh, stale, never, unwatched or error. What is lost is
   *   told once.
   * @throws `store.*`, `range.invalid`, `host.argument`.
   */
  async check(now: Time = new Date()): Promise<{ now: string; rollups: RollupState[] }> {
    return await this.#report('check', { now })
  }

  /**
   * Tells that rows of a range changed: the next refresh that reaches it builds it again.
   *
   * @param start The first instant; open when left out.
   * @param end The first instant after the range; open when left out.
   * @param rollup The name of a rollup; all that are built from rows when left out.
   * @returns The names of the rollups that will look at it.
   * @throws `refresh.rollup`, `range.invalid`, `store.*`, `host.argument`.
   */
  async invalidate(start?: Time, end?: Time, rollup?: string): Promise<{ invalidated: string[] }> {
    return await this.#report('invalidate', { start, end, rollup })
  }

  /**
   * Drops what the retentions no longer keep, some rows in each transaction, and nothing that is not built into
   * all that needs it, in whatever catalog.
   *
   * @param now The time; the clock's when left out.
   * @returns For each table with a retention its name, status (ok or held_back) and up to where it was dropped.
   * @throws `store.*`, `range.invalid`, `host.argument`.
   */
  async prune(now: Time = new Date()): Promise<{ pruned: { name: string; status: string; dropped_before: string | null }[] }> {
    return await this.#report('prune', { now })
  }

  /**
   * Takes isofold out of the database: its triggers, their function and its own tables.
   *
   * @param tables Whether the tables of the rollups go too; they stay unless told.
   * @returns The names of the rollups whose tables were dropped, and of those whose tables were kept.
   * @throws `store.*`, `host.argument`.
   */
  async drop(tables = false): Promise<{ dropped: string[]; kept: string[] }> {
    const run = call(() => this.#raw.start('drop', JSON.stringify({ tables })))
    return await this.#drive(run, () => JSON.parse(run.report()) as { dropped: string[]; kept: string[] })
  }

  async #report<T>(name: string, given: Times): Promise<T> {
    const run = call(() => this.#raw.start(name, options(given)))
    return await this.#drive(run, () => JSON.parse(run.report()) as T)
  }

  /** Runs of one store wait for each other where they have one connection. */
  async #drive<T>(run: RawRun, end: () => T, onProgress?: (progress: Progress) => void): Promise<T> {
    const work = (): Promise<T> =>
      this.#driver.session(async (connection) => {
        try {
          await converse(run, connection, onProgress)
        } catch (error) {
          await connection.rollback()
          throw error instanceof IsofoldError ? error : databaseError(error)
        }
        return call(end)
      })
    if (this.#driver.isPool) return await work()
    const mine = this.#last.catch(() => undefined).then(work)
    this.#last = mine
    return await mine
  }
}

interface Times {
  readonly [name: string]: Time | undefined
}

function options(given: Times): string {
  const times = ['now', 'start', 'end']
  const entries = Object.entries(given).filter(([, value]) => value !== undefined && value !== null)
  return JSON.stringify(Object.fromEntries(entries.map(([name, value]) => [name, times.includes(name) ? timeText(value as Time, name) : value])))
}

async function converse(run: RawRun, connection: Connection, onProgress?: (progress: Progress) => void): Promise<void> {
  let step = call(() => run.advance([]))
  while (step !== null && step !== undefined) {
    const { sql, parameters, columns }: RawStep = step
    let rows: readonly SqlRow[] = []
    let failed: IsofoldError | undefined
    try {
      if (columns === undefined || columns === null) rows = await connection.run(sql, parameters ?? [])
      else await stream(run, connection, sql, columns)
    } catch (error) {
      await connection.rollback()
      failed = error instanceof IsofoldError ? error : databaseError(error)
    }
    const { code, message } = failed ?? {}
    // what failed may be followed by what does not depend on it
    step = call(() => (code === undefined ? run.advance(rows) : run.fail(code, message ?? '')))
    onProgress?.(JSON.parse(run.progress()) as Progress)
  }
}

async function stream(run: RawRun, connection: Connection, sql: string, columns: readonly string[]): Promise<void> {
  await connection.run(`DECLARE ${CURSOR} NO SCROLL CURSOR FOR ${sql}`, [])
  for (;;) {
    const batch = await connection.run(`FETCH FORWARD ${BATCH_ROWS} FROM ${CURSOR}`, [])
    if (batch.length > 0) foldRows(run, columns, batch)
    if (batch.length < BATCH_ROWS) break
  }
  await connection.run(`CLOSE ${CURSOR}`, [])
}

function foldRows(run: RawRun, names: readonly string[], rows: readonly SqlRow[]): void {
  const columns = Object.fromEntries(names.map((name, at) => [name, rows.map((row) => row[at])]))
  for (const batch of batchesOf(names, columns)) {
    try {
      call(() => run.fold(batch.raw))
    } finally {
      batch.free()
    }
  }
}

function databaseError(error: unknown): IsofoldError {
  const { message, code: state } = (error ?? {}) as { message?: unknown; code?: unknown }
  const code = state === '55P03' || state === '40P01' ? 'store.busy' : 'store.database'
  return new IsofoldError({ code, message: typeof message === 'string' ? message : shown(error), path: '' })
}
