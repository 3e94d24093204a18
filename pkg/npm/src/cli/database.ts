/** The commands on a database: init, refresh, check, query, prune, run. */
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { IsofoldError } from '../error.js'
import type { Query } from '../spec.js'
import { openStore, type Progress, type Store } from '../stores/index.js'
import { connectionOf, refused } from './connection.js'
import { load } from './load.js'
import { needed, type Options, UsageError } from './options.js'
import { complain } from './secrets.js'
import { asJson, show, table } from './show.js'
import { readText } from './whole-file.js'

const NOT_FRESH = 3
/** Seconds that the scheduler sleeps at most, so that it notices its end and its clock. */
const MAX_SLEEP = 5
const HIDDEN = ['refused', 'lost', 'stale']

async function withStore<T>(options: Options, work: (store: Store) => Promise<T>): Promise<T> {
  const path = options.text('catalog') ?? process.env.ISOFOLD_CATALOG ?? 'isofold.json'
  const url = options.text('database') ?? process.env.ISOFOLD_DATABASE
  if (url === undefined) {
    const message = 'no database is given: --database or $ISOFOLD_DATABASE'
    throw new IsofoldError({ code: 'host.argument', message, path: '' })
  }
  const catalog = await readText(path)
  const { database, close } = await open(url)
  try {
    return await work(openStore(catalog, database))
  } finally {
    await close()
  }
}

type Opened = { readonly database: Parameters<typeof openStore>[1]; readonly close: () => Promise<void> }

async function open(text: string): Promise<Opened> {
  const connection = connectionOf(text)
  if ('pglite' in connection) {
    const { PGlite } = (await load('@electric-sql/pglite')) as { PGlite: new (folder: string) => never }
    const database = new PGlite(resolve(connection.pglite)) as Opened['database'] & { close(): Promise<void> }
    return { database, close: () => database.close() }
  }
  const module = (await load('pg')) as { default?: { Client: unknown }; Client?: unknown }
  const Client = (module.Client ?? module.default?.Client) as new (options: object) => Opened['database'] & {
    connect(): Promise<void>
    end(): Promise<void>
    on(event: 'error', listener: () => void): void
  }
  const database = clientOf(() => new Client({ connectionString: connection.url }))
  // the statement that finds the connection gone tells of it
  database.on('error', () => undefined)
  try {
    await database.connect()
  } catch (error) {
    throw new IsofoldError({ code: 'store.database', message: wordsOf(error), path: '' })
  }
  return { database, close: () => database.end() }
}

/** What the driver makes of a URL, whose words for one that it cannot read have the URL in them. */
function clientOf<C>(make: () => C): C {
  try {
    return make()
  } catch {
    throw refused('the URL of the database cannot be read')
  }
}

/** Several addresses of one host fail with several errors, and without a message. */
function wordsOf(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: readonly { message?: string }[] }
  return message || errors?.map(({ message }) => message).join('; ') || code || 'the database does not answer'
}

/** Makes the tables. */
export async function init(options: Options): Promise<number> {
  await withStore(options, async (store) => show((await store.init()).rollups, options.json))
  return 0
}

/** Builds what is due. */
export async function refresh(options: Options): Promise<number> {
  const rollups = options.texts('rollup')
  await withStore(options, async (store) => {
    const report = await store.refresh({
      rollups: rollups.length > 0 ? rollups : undefined,
      since: options.text('since'),
      force: options.has('force'),
      onProgress: process.stderr.isTTY && !options.json ? progress : undefined,
    })
    show(report.rollups, options.json, HIDDEN)
    for (const { name, refused } of report.rollups) {
      for (const { start, end, code } of refused) {
        complain(`${code}: ${name}: the rows of ${start} to ${end} are dropped; what is stored is kept`)
      }
    }
  })
  return 0
}

function progress({ rollup, end, rows_read, groups_written }: Progress): void {
  if (end !== null) process.stderr.write(`\r\u001B[K${rollup} up to ${end}: ${rows_read} rows, ${groups_written} groups`)
}

/** Tells how fresh every rollup is. */
export async function check(options: Options): Promise<number> {
  return await withStore(options, async (store) => {
    const { rollups } = await store.check()
    show(rollups, options.json, ['due', 'refused', 'lost', 'stale', 'first_bucket', 'last_bucket_end', 'refresh_ms', 'rows_read', 'groups_written'])
    return rollups.every(({ status }) => status === 'fresh') ? 0 : NOT_FRESH
  })
}

/** Answers a query. */
export async function query(options: Options): Promise<number> {
  const [rollup, json] = options.words
  const asked = json === undefined ? queryOf(options) : parsed(json)
  await withStore(options, async (store) => {
    const { result, coverage } = await store.query(needed(rollup, 'the name of a rollup'), asked)
    if (options.json) console.log(asJson({ rows: result.rows(), coverage }))
    else table(result.columns, result.rows())
    for (const { start, end } of coverage.missing) {
      complain(`nothing is kept of ${start ?? 'the past'} to ${end ?? 'now'}`)
    }
  })
  return 0
}

function parsed(json: string): Query {
  try {
    return JSON.parse(json) as Query
  } catch {
    throw new IsofoldError({ code: 'host.argument', message: 'the query is not JSON', path: 'query' })
  }
}

function queryOf(options: Options): Query {
  const asked: Record<string, unknown> = {}
  for (const name of ['start', 'end', 'where', 'having', 'timezone']) asked[name] = options.text(name)
  for (const name of ['group-by', 'select', 'order-by']) {
    const parts = options.text(name)?.split(',').map((part) => part.trim())
    asked[name.replace('-', '_')] = parts?.filter((part) => part !== '')
  }
  const [bucket, limit] = [options.text('bucket'), options.text('limit')]
  if (bucket !== undefined) asked.bucket = bucket === 'none' ? null : bucket
  if (limit !== undefined) asked.limit = wholeOf(limit, 'limit')
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as Query
}

function wholeOf(text: string, name: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`--${name} is a whole number, got ${text}`)
  return Number(text)
}

/** Drops what the retentions no longer keep. */
export async function prune(options: Options): Promise<number> {
  await withStore(options, async (store) => show((await store.prune()).pruned, options.json))
  return 0
}

/** Refreshes each rollup on its schedule; when it is due is read from the database, so a restart forgets nothing. */
export async function run(options: Options): Promise<number> {
  const rounds = wholeOf(options.text('rounds') ?? '0', 'rounds')
  return await withStore(options, async (store) => {
    const every = store.schedule()
    for (let round = 0; ; ) {
      const { due, wait } = await dueOf(store, every)
      if (due.length > 0) {
        try {
          show((await store.refresh({ rollups: due })).rollups, options.json, HIDDEN)
          await store.prune()
        } catch (error) {
          if (!(error instanceof IsofoldError)) throw error
          // the next round tries again; check shows it
          complain(`${error.code}: ${error.message}`)
        }
        if (++round === rounds) return 0
      }
      await sleep(due.length > 0 ? 100 : wait * 1000)
    }
  })
}

async function dueOf(store: Store, every: Readonly<Record<string, number | null>>): Promise<{ due: string[]; wait: number }> {
  const due: string[] = []
  let wait = MAX_SLEEP
  for (const { name, refreshed_at } of (await store.check()).rollups) {
    const since = refreshed_at === null ? Infinity : (Date.now() - Date.parse(refreshed_at)) / 1000
    const left = (every[name] ?? 60) - since
    if (left <= 0) due.push(name)
    else wait = Math.min(wait, left)
  }
  return { due, wait: Math.max(wait, 0.05) }
}
