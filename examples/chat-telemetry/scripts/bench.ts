/**
 * Dashboard queries from rows, from what the original kept, and from isofold, in one run on one PostgreSQL:
 * `tools/postgres.sh npm --prefix examples/chat-telemetry run bench -- [--rows 1000000]`.
 *
 * Times are medians of alternating runs, in this process, with the driver and the network of a socket; ms.
 */
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { Levels } from '@/lib/client/levels'
import { DAY } from '@/lib/clock'
import { openPostgres } from '@/lib/database/postgres'
import { init } from '@/lib/database/schema'
import { storeReader } from '@/lib/services/reader'
import { refreshRollups, refreshTelemetrySummaryViews } from '@/lib/services/refresh'
import { ownerStore } from '@/lib/store'
import { windowOf } from '@/lib/window'
import { makeOriginals } from './bench/original'
import { pageTimes } from './bench/page'
import { type Question, questions } from './bench/questions'
import { ORGANIZATIONS, seedOrganizations } from './seed/organizations'
import { requests } from './seed/requests'
import { insertRows } from './seed/rows'

const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' }, runs: { type: 'string', default: '15' } } })
const [rows, runs] = [Number(values.rows), Number(values.runs)]
const url = process.env.DATABASE_URL ?? process.env.ISOFOLD_POSTGRES
if (url === undefined) throw new Error('DATABASE_URL or ISOFOLD_POSTGRES must name an empty database')
const database = openPostgres(url)
const now = new Date()

await init(database)
await seedOrganizations(database, ORGANIZATIONS)
await insertRows(database, requests(rows, 89, now))
await database.script('VACUUM ANALYZE chat_telemetry')
const refreshMs = await timed(() => refreshRollups(database, now))
const summaryMs = await timed(() => refreshTelemetrySummaryViews(database, now))
const originalMs = await makeOriginals(database)
const store = ownerStore(database)
const loadMs = await timed(async () => void (await store.load('telemetry_model_hours')))
const levels = new Levels(await store.load('telemetry_model_hours', new Date(Math.floor(now.getTime() / DAY) * DAY - 90 * DAY)), windowOf(1, now).end)

console.log(`${rows} requests in 89 days; ${cpus()[0]?.model ?? ''}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB\n`)
console.log('| question | rows | original | isofold, stored | isofold, in memory | rows ÷ stored | rows ÷ memory |')
console.log('|---|--:|--:|--:|--:|--:|--:|')
for (const question of questions(database, storeReader(store), levels, now)) await compare(question)
console.log(`\nrefresh of all rollups from nothing ${refreshMs.toFixed(0)} ms, of both summaries ${summaryMs.toFixed(0)} ms; the original's tables and views ${originalMs.toFixed(0)} ms`)
console.log(`the page's rollup: ${levels.hours.size} groups, ${levels.hours.encode().length} bytes, loaded in ${loadMs.toFixed(0)} ms`)
await database.close()
const page = await pageTimes(url)
if (page === undefined) console.log('skipped: the page, there is no Chromium')
else console.log(`the page: first numbers after ${page.first.toFixed(0)} ms, a range or domain ${median(page.changes).toFixed(2)} ms (slowest ${Math.max(...page.changes).toFixed(1)} ms of ${page.changes.length})`)

async function compare({ name, rows: raw, original, store: stored, memory }: Question): Promise<void> {
  const counts = [await raw(), await stored(), await memory()]
  if (new Set(counts).size !== 1) throw new Error(`${name}: ${counts.join(', ')} requests`)
  const hasOriginal = !Number.isNaN(await original())
  const times: number[][] = [[], [], [], []]
  for (let run = 0; run < runs; run++) {
    for (const [way, ask] of [raw, original, stored, memory].entries()) times[way]?.push(await timed(ask))
  }
  const [fromRows, fromOriginal, fromStore, fromMemory] = times.map(median) as [number, number, number, number]
  const cells = [fromRows, hasOriginal ? fromOriginal : undefined, fromStore, fromMemory].map((ms) => ms?.toPrecision(3) ?? '—')
  console.log(`| ${name} | ${cells.join(' | ')} | ${(fromRows / fromStore).toFixed(0)} | ${(fromRows / fromMemory).toFixed(0)} |`)
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] as number
}
