/** Writes the all-time part of both summaries, for those who read them with SQL. */
import type { OwnerDatabase, Queries } from '../database/database'
import { ownerStore } from '../store'
import { fetchDomainSummaries } from './domain-summary'
import { fetchModelSummary } from './model-summary'
import { storeReader } from './reader'

/** What a refresh of one view came to. */
export interface ViewRefresh {
  readonly view_name: string
  /** −1 when it failed. */
  readonly refresh_time_ms: number
  /** `SUCCESS`, or the text of the error. */
  readonly status: string
}

/** The summary views. */
export const SUMMARY_VIEWS = ['chat_telemetry_domain_summary', 'chat_telemetry_model_summary'] as const
export type SummaryView = (typeof SUMMARY_VIEWS)[number]

/** Refreshes the summaries, each on its own: one that fails is told and does not keep the other from being refreshed. */
export async function refreshTelemetrySummaryViews(
  database: OwnerDatabase,
  now: Date,
  views: readonly SummaryView[] = SUMMARY_VIEWS,
): Promise<ViewRefresh[]> {
  const results: ViewRefresh[] = []
  for (const view of views) {
    const started = performance.now()
    try {
      await refresh(database, now, view)
      results.push({ view_name: view, refresh_time_ms: Math.round(performance.now() - started), status: 'SUCCESS' })
    } catch (error) {
      results.push({ view_name: view, refresh_time_ms: -1, status: error instanceof Error ? error.message : String(error) })
    }
  }
  return results
}

async function refresh(database: OwnerDatabase, now: Date, view: SummaryView): Promise<void> {
  const reader = storeReader(ownerStore(database))
  const isOfDomains = view === 'chat_telemetry_domain_summary'
  const summaries = isOfDomains ? await fetchDomainSummaries(reader, now) : await fetchModelSummary(reader, now)
  const table = isOfDomains ? 'telemetry_domain_all_time' : 'telemetry_model_all_time'
  await database.transaction((queries) => rewrite(queries, table, summaries))
}

/** Puts rows in the place of all that a table has; columns that it lacks are left out. */
async function rewrite(queries: Queries, table: string, rows: readonly object[]): Promise<void> {
  await queries.query(`DELETE FROM ${table}`)
  await queries.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`, [JSON.stringify(rows)])
}
