/**
 * Dashboard queries from rows, from what the original kept, and from isofold, in one run on one PostgreSQL:
 * `tools/postgres.sh npm --prefix examples/chat-telemetry run bench -- [--rows 1000000] [--write]`.
 *
 * Times are medians of alternating runs, in this process, with the driver and the network of a socket; ms.
 */
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { openStore } from 'isofold/stores'
import { CATALOG } from '@/lib/catalog'
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
import { lookedAt, median, timed } from './bench/times'
import { writeMeasurements } from './bench/write'
import { ORGANIZATIONS, seedOrganizations } from './seed/organizations'
import { requests } from './seed/requests'
import { insertRows } from './seed/rows'

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, runs: { type: 'string', default: '5' }, write: { type: 'boolean', default: false } },
})
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
const forgetful = openStore(CATALOG, database.source)
forgetful.limitMemory(0)
const loadMs = await timed(async () => void (await store.load('telemetry_model_hours')))
const levels = new Levels(await store.load('telemetry_model_hours', new Date(Math.floor(now.getTime() / DAY) * DAY - 90 * DAY)), windowOf(1, now).end)
const [server] = await database.query<{ version: string }>("SELECT split_part(current_setting('server_version'), ' ', 1) AS version")

const lines = [
  `${rows.toLocaleString('en')} requests of 89 days in PostgreSQL ${server?.version ?? ''} on a socket; ${cpus()[0]?.model.trim() ?? ''},`,
  `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.versions.node}. Milliseconds, medians of ${runs} runs.`,
  '',
  '| question | rows | original | stored, first | stored, again | in memory, first | in memory, again | rows ÷ stored, again | rows ÷ memory, first | and again |',
  '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|',
]
for (const question of questions(database, levels, now)) lines.push(await compared(question))
const size = levels.hours.encode().length
lines.push(
  '',
  `- Building all rollups from nothing: ${(refreshMs / 1000).toFixed(1)} s, both summaries ${(summaryMs / 1000).toFixed(2)} s; the original's tables and views ${(originalMs / 1000).toFixed(1)} s.`,
  `- The rollup of all organisations: ${levels.hours.size.toLocaleString('en')} groups, ${(size / 1e6).toFixed(1)} MB, loaded from the database in ${loadMs.toFixed(0)} ms.`,
)
await database.close()
const page = await pageTimes(url)
lines.push(
  page === undefined
    ? '- The page: not measured, there is no Chromium.'
    : `- The page: first numbers after ${(page.first / 1000).toFixed(1)} s, its thread busy for at most ${page.longestTask.toFixed(0)} ms at a time;\n  a range or domain answered in ${told(page.changes)}, shown in ${told(page.shown)}.`,
)
console.log(lines.join('\n'))
if (values.write) await writeMeasurements(lines)

function told(times: readonly number[]): string {
  return `${median(times).toFixed(1)} ms (the slowest of ${times.length} ${Math.max(...times).toFixed(1)})`
}

async function compared({ name, rows: raw, original, stored, memory }: Question): Promise<string> {
  const first = (): Promise<number> => stored(storeReader(forgetful))
  const again = (): Promise<number> => stored(storeReader(store))
  const changed = (): Promise<number> => {
    levels.version++ // what a change does to the answers that are kept
    return memory()
  }
  const counts = [await raw(), await first(), await again(), await again(), await changed(), await memory()]
  if (new Set(counts).size !== 1) throw new Error(`${name}: ${counts.join(', ')} requests`)
  const ways = [raw, original, first, again, changed, memory]
  const times: number[][] = ways.map(() => [])
  for (let run = 0; run < runs; run++) {
    for (const [way, ask] of ways.entries()) times[way]?.push(await lookedAt(ask))
  }
  const medians = times.map(median)
  const hasOriginal = !Number.isNaN(await original())
  const cells = medians.map((ms, way) => (way === 1 && !hasOriginal ? '—' : ms < 100 ? ms.toPrecision(3) : ms.toFixed(0)))
  const [fromRows, , , ...kept] = medians as [number, number, number, number, number, number]
  const ratios = kept.map((ms) => (fromRows / ms).toFixed(0))
  return `| ${name} | ${cells.join(' | ')} | ${ratios.join(' | ')} |`
}
