/** Writes the all-time part of both summaries, for those who read them with SQL. */
import type { OwnerDatabase, Queries } from '../database/database'
import { ownerStore } from '../store'
import { fetchDomainSummaries } from './domain-summary'
import { fetchModelSummary } from './model-summary'
import { storeReader } from './reader'

/** The views of summaries. */
export const SUMMARY_VIEWS = ['chat_telemetry_domain_summary', 'chat_telemetry_model_summary'] as const
export type SummaryView = (typeof SUMMARY_VIEWS)[number]

/** Computes a summary and puts it in the place of the one before, at once. */
export async function refreshSummary(database: OwnerDatabase, now: Date, view: SummaryView): Promise<void> {
  const reader = storeReader(ownerStore(database))
  const isOfDomains = view === 'chat_telemetry_domain_summary'
  const summaries = isOfDomains ? await fetchDomainSummaries(reader, now) : await fetchModelSummary(reader, now)
  const table = isOfDomains ? 'telemetry_domain_all_time' : 'telemetry_model_all_time'
  await database.transaction((queries) => rewrite(queries, table, summaries))
}

async function rewrite(queries: Queries, table: string, rows: readonly object[]): Promise<void> {
  await queries.query(`DELETE FROM ${table}`)
  // columns that the table lacks, those that age, are left out
  await queries.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`, [JSON.stringify(rows)])
}
