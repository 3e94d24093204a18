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
import type {
  Coverage, DueRollup, InitReport, PlannedRollup, PlanOptions, Progress, RefreshOptions, RefreshRun, RollupReport, RollupState, TableColumn,
} from './reports.js'

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
   * @param options.dryRun Whether that is only told: nothing is changed, and nothing is locked.
   * @returns For each rollup its name, status (made or there), added columns and filled groups; and the
   *   statements that change tables, indexes, triggers and functions.
   * @throws `store.*`, `host.argument`.
   */
  async init(options: { readonly dryRun?: boolean } = {}): Promise<InitReport> {
    return await this.#report('init', toJson({ dry_run: optionsOf(options, ['dryRun']).dryRun }, 'init'))
  }

  /**
   * Tells what a refresh would build, and how many rows it would read, which are counted.
   *
   * @param options.rollups One name or several; all when left out.
   * @param options.since Everything from here on would be built again, however old.
   * @param options.until Nothing from here on would be built.
   * @param options.force Windows would be built also where rows seem to have been dropped.
   * @param options.now The time; that of the database when left out.
   * @returns For each rollup its name, what it is built from, the windows with the rows of each, the rows of
   *   all, where the watermark would be, and the windows that would be refused, are lost or stay stale.
   * @throws `refresh.rollup`, `range.invalid`, `store.*`, `host.argument`.
   */
  async plan(options: PlanOptions = {}): Promise<{ now: string; rollups: PlannedRollup[] }> {
    return await this.#report('plan', asked(optionsOf(options, PLAN)))
  }

  /**
   * Builds what is due, window by window, each in one transaction that writes only what changed. One that fails
   * stops no other; all that failed is told at the end.
   *
   * **Cost** Memory for the groups of a window, however many rows it has.
   *
   * @param options.rollups One name or several; all when left out.
   * @param options.since Everything from here on is built again, however old.
   * @param options.until Nothing from here on is built, in whole buckets.
   * @param options.force Builds windows also where rows seem to have been dropped.
   * @param options.now The time; that of the database when left out.
   * @param options.onProgress Told after every step how far the refresh is.
   * @returns For each rollup its name, status, rows read and skipped, groups written and deleted, transactions,
   *   ms, watermark, and the windows that were refused, are lost to retention, or stay stale.
   * @throws `ingest.*`, `expr.*`, `limit.*`, `refresh.rollup`, `range.invalid`, `store.*`, `host.argument`.
   */
  async refresh(options: RefreshOptions = {}): Promise<{ now: string; rollups: RollupReport[] }> {
    const { onProgress, ...rest } = optionsOf(options, [...PLAN, 'onProgress'])
    if (onProgress !== undefined && typeof onProgress !== 'function') throw refused(`onProgress must be a function, got ${shown(onProgress)}`, 'onProgress')
    const run = call(() => this.#raw.start('refresh', asked(rest)))
    let told: { readonly error: unknown } | undefined
    const tell = (progress: Progress): void => {
      try {
        ;(onProgress as RefreshOptions['onProgress'])?.(progress)
      } catch (error) {
        told = { error }
        throw error
      }
    }
    try {
      return await this.#drive(run, () => JSON.parse(run.report()) as { now: string; rollups: RollupReport[] }, tell)
    } catch (error) {
      // what is told the progress may end a refresh, and nothing failed then
      if (told !== undefined) throw told.error
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
   * @param tail Whether what is not built is read from rows. If not, stored groups alone answer, the rest is
   *   missing, and who asks needs no rights on the rows.
   * @returns The result, and its coverage: what answered which part, of what nothing is kept any more
   *   (`missing`) or was asked (`left_out`), and which ranges are `stale` (changed and not built yet, or not
   *   known not to be) or `lost` (changed after their rows were dropped).
   * @throws `query.*`, `expr.*`, `range.*`, `refresh.rollup`, `limit.*`, `store.*`, `host.argument`.
   */
  async query(rollup: string, query: Query = {}, options: TailOptions = {}): Promise<{ result: Result; coverage: Coverage }> {
    const { tail = true } = optionsOf(options, ['tail'])
    const json = `${toJson({ rollup, tail }, 'query').slice(0, -1)},"query":${toJson(query, 'query')}}`
    const run = call(() => this.#raw.start('query', json))
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
   * @param tail Whether what is not built is read from rows; if not, it is not in the rollup.
   * @returns The rollup.
   * @throws `refresh.schema`, `refresh.rollup`, `range.*`, `limit.*`, `store.*`, `host.argument`.
   */
  async load(rollup: string, start?: Time, end?: Time, options: TailOptions = {}): Promise<Rollup> {
    const { tail = true } = optionsOf(options, ['tail'])
    const run = call(() => this.#raw.start('load', given({ rollup, start, end, tail })))
    return await this.#drive(run, () => Rollup.decode((run.rollup() as RawRollup).encode()))
  }

  /**
   * Tells how fresh every rollup is: status, watermark, lag, size, what is due, stale or lost, the last error.
   *
   * @param now The time; that of the database when left out.
   * @returns For each rollup its state; the status is fresh, stale, never, unwatched or error. What is stale is
   *   `pending` while it waits for the next refresh of its schedule. `unwatched` has the ranges whose rows may
   *   change with nobody seeing it. `skipped` has the rows that do not fit, by code and place. What is lost is
   *   told once.
   * @throws `store.*`, `range.invalid`, `host.argument`.
   */
  async check(now?: Time): Promise<{ now: string; rollups: RollupState[] }> {
    return await this.#report('check', given({ now }))
  }

  /**
   * Tells of the newest refreshes, of one rollup or of all, the newest first.
   *
   * @param rollup The name of a rollup; all when left out.
   * @param options.limit How many at most; the database keeps the last 1000 of each rollup.
   * @returns For each its rollup, `started_at`, `ended_at`, rows read, groups written, and what ended it.
   * @throws `refresh.rollup`, `store.*`, `host.argument`.
   */
  async runs(rollup?: string, options: { readonly limit?: number } = {}): Promise<RefreshRun[]> {
    const report = await this.#report<{ runs: RefreshRun[] }>('runs', toJson({ rollup, limit: optionsOf(options, ['limit']).limit }, 'runs'))
    return report.runs
  }

  /**
   * Tells what the table of a rollup has: the columns in their order.
   *
   * @param rollup The name of a rollup.
   * @returns For each its `name`, its `type` as the database tells it, its `kind` (`bucket`, `key`, `metric`,
   *   `computed_at`, `state`, or `other` for what is not isofold's) and its `values`: what it holds, as the
   *   types of a result say it.
   * @throws `refresh.rollup`, `store.table`, `store.*`, `host.argument`.
   */
  async columns(rollup: string): Promise<TableColumn[]> {
    return (await this.#report<{ columns: TableColumn[] }>('columns', toJson({ rollup }, 'columns'))).columns
  }

  /**
   * Tells when each rollup was last refreshed, and when it is due by its schedule, from one small table.
   *
   * @param now The time; that of the database when left out.
   * @returns For each rollup its name, `refreshed_at` and `due_in_ms`: 0 where it is due. One without a
   *   `schedule_interval` is due every minute.
   * @throws `store.*`, `range.invalid`, `host.argument`.
   */
  async due(now?: Time): Promise<DueRollup[]> {
    return (await this.#report<{ rollups: DueRollup[] }>('due', given({ now }))).rollups
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
    return await this.#report('invalidate', given({ start, end, rollup }))
  }

  /**
   * Sets the watermark of a rollup back to the bucket of a time, and of what is built from it: the next refresh
   * builds from there. What is stored stays.
   *
   * @param to The time; its bucket is not after the watermark.
   * @param rollup The name of a rollup; all when left out.
   * @returns For each rollup whose watermark moved its name and the watermark.
   * @throws `range.invalid`, `refresh.rollup`, `refresh.dropped`, `store.*`, `host.argument`.
   */
  async reset(to: Time, rollup?: string): Promise<{ reset: { name: string; watermark: string }[] }> {
    return await this.#report('reset', given({ to, rollup }))
  }

  /**
   * Drops what the retentions no longer keep, some rows in each transaction, and nothing that is not built into
   * all that needs it, in whatever catalog.
   *
   * @param now The time; that of the database when left out.
   * @returns For each table with a retention its name, status (ok or held_back) and up to where it was dropped.
   * @throws `store.*`, `range.invalid`, `host.argument`.
   */
  async prune(now?: Time): Promise<{ pruned: { name: string; status: string; dropped_before: string | null }[] }> {
    return await this.#report('prune', given({ now }))
  }

  /**
   * Takes isofold out of the database: its triggers, their function and its own tables.
   *
   * @param tables Whether the tables of the rollups go too; they stay unless told.
   * @returns The names of the rollups whose tables were dropped, and of those whose tables were kept.
   * @throws `store.*`, `host.argument`.
   */
  async drop(tables = false): Promise<{ dropped: string[]; kept: string[] }> {
    return await this.#report('drop', JSON.stringify({ tables }))
  }

  async #report<T>(name: string, options: string): Promise<T> {
    const run = call(() => this.#raw.start(name, options))
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

/** Who reads what is not built yet. */
export interface TailOptions {
  /** Whether it is read from rows; if not, stored groups alone answer, and who asks needs no rights on the rows. */
  readonly tail?: boolean
}

const PLAN = ['rollups', 'since', 'until', 'force', 'now'] as const

/** What a refresh is asked for. */
function asked({ rollups, since, until, force = false, now }: { readonly [N in keyof PlanOptions]?: unknown }): string {
  const time = (value: unknown, name: string): string | undefined => (value === undefined ? undefined : timeText(value, name))
  const names = typeof rollups === 'string' ? [rollups] : rollups
  return toJson({ now: time(now, 'now'), force, rollups: names, since: time(since, 'since'), until: time(until, 'until') }, 'refresh')
}

function given(options: { readonly [name: string]: unknown }): string {
  const times = ['now', 'start', 'end']
  const entries = Object.entries(options).filter(([, value]) => value !== undefined && value !== null)
  return toJson(Object.fromEntries(entries.map(([name, value]) => [name, times.includes(name) ? timeText(value, name) : value])), 'options')
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
