/** The commands on a database: init, refresh, check, query, prune, run. */
import { IsofoldError } from '../error.js'
import type { Query } from '../spec.js'
import type { Progress, Store } from '../stores/index.js'
import { opened } from './opened.js'
import { needed, type Options, UsageError } from './options.js'
import { schedule } from './schedule.js'
import { complain } from './secrets.js'
import { asJson, show, table } from './show.js'

const NOT_FRESH = 3
const HIDDEN = ['refused', 'lost', 'stale']

async function withStore<T>(options: Options, work: (store: Store) => Promise<T>): Promise<T> {
  const { store, close } = await opened(options)
  try {
    return await work(store)
  } finally {
    await close()
  }
}

/** Makes the tables. */
export async function init(options: Options): Promise<number> {
  await withStore(options, async (store) => show((await store.init()).rollups, options.json))
  return 0
}

/** Builds what is due. */
export async function refresh(options: Options): Promise<number> {
  const rollups = options.texts('rollup')
  return await withStore(options, async (store) => {
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
    return report.rollups.some(({ refused }) => refused.length > 0) ? NOT_FRESH : 0
  })
}

function progress({ rollup, end, rows_read, groups_written }: Progress): void {
  if (end !== null) process.stderr.write(`\r\u001B[K${rollup} up to ${end}: ${rows_read} rows, ${groups_written} groups`)
}

/** Tells how fresh every rollup is. */
export async function check(options: Options): Promise<number> {
  return await withStore(options, async (store) => {
    const { rollups } = await store.check()
    show(rollups, options.json, ['pending', 'due', 'refused', 'lost', 'stale', 'unwatched', 'skipped', 'first_bucket', 'last_bucket_end', 'refresh_ms', 'rows_read', 'groups_written'])
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
    for (const { start, end } of coverage.stale) {
      complain(`not known to be as the rows are: ${start ?? 'the past'} to ${end ?? 'now'}`)
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

/** Refreshes and prunes each rollup on its schedule until it is stopped. */
export async function run(options: Options): Promise<number> {
  const rounds = wholeOf(options.text('rounds') ?? '0', 'rounds')
  return await schedule(() => opened(options), options.json, rounds)
}
