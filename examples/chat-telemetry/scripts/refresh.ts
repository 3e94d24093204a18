/** Refreshes rollups and summaries, or tells how fresh they are; see HELP. */
import { parseArgs } from 'node:util'
import { DAY, now } from '@/lib/clock'
import type { OwnerDatabase } from '@/lib/database/database'
import { openDatabase } from '@/lib/database/open'
import { init } from '@/lib/database/schema'
import { refreshRollups, refreshTelemetrySummaryViews, refreshView, type View, VIEWS } from '@/lib/services/refresh'

const HELP = `npm run refresh                  refreshes all rollups, then both summaries
npm run refresh -- --view=NAME   refreshes one, and what it is built from
npm run refresh -- --check       rows, size and age of each, with a warning over 24 hours

NAME is one of ${VIEWS.join(', ')}.
The database is that of DATABASE_URL; without one, PGlite in TELEMETRY_FOLDER (.data/pglite).
Exit code: 0 when all went well, 1 when a refresh failed or a view is stale, 2 for wrong options.`

async function main(args: readonly string[]): Promise<number> {
  let values: { check?: boolean; view?: string; help?: boolean }
  try {
    values = parseArgs({ args: [...args], options: { check: { type: 'boolean' }, view: { type: 'string' }, help: { type: 'boolean' } } }).values
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`)
    return 2
  }
  if (values.help === true) {
    console.log(HELP)
    return 0
  }
  const view = VIEWS.find((name) => name === values.view)
  if (values.view !== undefined && view === undefined) {
    console.error(`no view is called ${values.view}\n\n${HELP}`)
    return 2
  }
  const database = await openDatabase()
  try {
    await init(database)
    return values.check === true ? await check(database) : await refresh(database, view)
  } finally {
    await database.close()
  }
}

async function refresh(database: OwnerDatabase, view: View | undefined): Promise<number> {
  const time = now()
  const results =
    view === undefined
      ? [...(await refreshRollups(database, time)), ...(await refreshTelemetrySummaryViews(database, time))]
      : [await refreshView(database, time, view)]
  console.table(results.map(({ view_name, refresh_time_ms, status }) => ({ view: view_name, ms: refresh_time_ms, status })))
  return results.every(({ status }) => status === 'SUCCESS') ? 0 : 1
}

async function check(database: OwnerDatabase): Promise<number> {
  const tables = await database.query<{ view: string; rows: number; size: string; updated: Date | null }>(CHECK)
  const age = (updated: Date | null): number => (updated === null ? Number.POSITIVE_INFINITY : now().getTime() - updated.getTime())
  const stale = tables.filter(({ updated }) => age(updated) > DAY)
  console.table(tables.map(({ view, rows, size, updated }) => ({ view, rows, size, updated: updated?.toISOString() ?? 'never' })))
  for (const { view, updated } of stale) {
    const hours = Math.floor(age(updated) / (DAY / 24))
    console.warn(updated === null ? `${view} was never refreshed` : `${view} was last refreshed ${hours} hours ago, more than 24`)
  }
  return stale.length === 0 ? 0 : 1
}

const rollups = (view: string, prefix: string): string => `
  SELECT '${view}' AS view, (SELECT count(*) FROM ${prefix}_hours) + (SELECT count(*) FROM ${prefix}_days) AS rows,
    pg_size_pretty(pg_total_relation_size('${prefix}_hours') + pg_total_relation_size('${prefix}_days')) AS size,
    (SELECT to_timestamp(min(refreshed_at) / 1000000.0) FROM isofold_rollups WHERE name IN ('${prefix}_hours', '${prefix}_days')) AS updated`
const summary = (view: string, table: string): string => `
  SELECT '${view}', (SELECT count(*) FROM ${table}), pg_size_pretty(pg_total_relation_size('${table}')),
    (SELECT max(materialized_at) FROM ${table})`
const CHECK = [
  rollups('chat_telemetry_rollups', 'telemetry'),
  rollups('chat_telemetry_domain_rollups', 'telemetry_domain'),
  rollups('chat_telemetry_model_rollups', 'telemetry_model'),
  summary('chat_telemetry_domain_summary', 'telemetry_domain_all_time'),
  summary('chat_telemetry_model_summary', 'telemetry_model_all_time'),
].join(' UNION ALL ')

process.exitCode = await main(process.argv.slice(2))
