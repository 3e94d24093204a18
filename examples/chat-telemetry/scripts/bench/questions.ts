/** The questions of a dashboard, asked in every way that they can be answered. */
import type { Levels } from '@/lib/client/levels'
import type { Queries } from '@/lib/database/database'
import { dashboardTelemetry } from '@/lib/services/dashboard'
import { fetchDomainSummary } from '@/lib/services/domain-summary'
import { fetchModelSummary } from '@/lib/services/model-summary'
import { allTimeReader, levelsReader, numberIn, type Reader } from '@/lib/services/reader'
import { getTrendFromRollups } from '@/lib/services/trend'
import { windowOf } from '@/lib/window'
import { SUMMARY } from './original'

/** A question; each way gives the number of requests that it found, so that they can be compared. */
export interface Question {
  readonly name: string
  readonly rows: () => Promise<number>
  /** From the tables and materialized views of the original. */
  readonly original: () => Promise<number>
  /** From the tables of isofold, through a store. */
  readonly stored: (store: Reader) => Promise<number>
  /** From the levels, which keep their answers until they change. */
  readonly memory: () => Promise<number>
}

const HELP = 'help.northwind.example'
const TOTALS = `count(*) AS requests, count(*) FILTER (WHERE success) AS successes, sum(cost_usd) AS cost, sum(input_tokens) AS input,
  sum(output_tokens) AS output, avg(duration_ms) AS duration, avg(search_count) AS searches, avg(iterations) AS iterations`
const KEPT = `sum(total_requests) AS requests, sum(success_count) AS successes, sum(total_cost_usd) AS cost, sum(total_input_tokens) AS input,
  sum(total_output_tokens) AS output, sum(avg_duration_ms * total_requests) / sum(total_requests) AS duration`

/** All questions about one database. */
export function questions(database: Queries, levels: Levels, now: Date): Question[] {
  const sum = (rows: readonly { requests?: unknown }[]): number => rows.reduce((total, { requests }) => total + Number(requests), 0)
  const sql = async (text: string, days: number): Promise<number> => {
    const { start, end } = windowOf(days, now)
    return sum(await database.query<{ requests: number }>(text, [start.toISOString(), end.toISOString()]))
  }
  const rows = (select: string, days: number, group = ''): Promise<number> =>
    sql(`SELECT ${group === '' ? '' : `${group} AS key, `}${select} FROM chat_telemetry WHERE created_at >= $1 AND created_at < $2 ${group === '' ? '' : 'GROUP BY 1 ORDER BY 1'}`, days)
  const kept = (table: string, grain: string, select: string, days: number, group = ''): Promise<number> =>
    sql(`SELECT ${group === '' ? '' : `${group}, `}${select} FROM ${table} WHERE granularity = '${grain}' AND bucket_start >= $1 AND bucket_start < $2 ${group === '' ? '' : `GROUP BY ${group} ORDER BY ${group}`}`, days)
  const read = (reader: Reader, days: number, keys: readonly string[], select: readonly string[]): Promise<number> =>
    reader.read({ ...windowOf(days, now), bucket: null, group_by: [...keys], select: [...select] }).then(sum)
  const memory = (days: number): Reader => levelsReader(levels, days)
  const trend = (reader: Reader, days: number, grain: 'hour' | 'day'): Promise<number> =>
    getTrendFromRollups(reader, { ...windowOf(days, now), grain }).then(sum)

  const overview = ['requests', 'successes', 'cost_usd', 'input_tokens', 'output_tokens', 'avg_duration_ms', 'avg_searches', 'avg_iterations']
  const share = ['requests', 'cost_usd', 'total_tokens']
  const shareOfRows = 'count(*) AS requests, sum(cost_usd) AS cost, sum(total_tokens) AS tokens'
  const shareKept = 'sum(total_requests) AS requests, sum(total_cost_usd) AS cost'
  const pointOfRows = 'count(*) AS requests, sum(cost_usd) AS cost'
  const all = {
    overview: [() => rows(TOTALS, 30), () => kept('original_rollups', 'day', KEPT, 30)],
    models: [() => rows(shareOfRows, 30, 'telemetry_name(model)'), () => kept('original_model_rollups', 'day', shareKept, 30, 'model')],
    domains: [() => rows(shareOfRows, 30, 'telemetry_name(domain)'), () => kept('original_domain_rollups', 'day', shareKept, 30, 'domain')],
    days: [() => rows(pointOfRows, 30, 'telemetry_day(created_at)'), () => kept('original_rollups', 'day', shareKept, 30, 'bucket_start')],
  } as const
  const inTurn = async (asked: readonly (() => Promise<number>)[]): Promise<number> => {
    let last = 0
    for (const ask of asked) last = await ask()
    return last
  }
  const dashboard = (reader: Reader): Promise<number> =>
    dashboardTelemetry({ days: 30, now, reader, digest: null, freshness: { watermark: now, refreshedAt: now }, live: { activeSessions: 0, currentCost: '', sessionsData: [] } })
      .then(({ overview: { totalRequests } }) => totalRequests)
  const percentiles = ['requests', 'p50_duration_ms', 'p95_duration_ms']
  const count = async (summary: Promise<{ total_requests_all_time: number } | null>): Promise<number> => (await summary)?.total_requests_all_time ?? 0
  const ofModels = async (reader: Reader): Promise<number> => (await fetchModelSummary(reader, now)).reduce((total, { total_uses }) => total + total_uses, 0)
  const summaryOfRows = (key: string, where: string): Promise<number> =>
    database.query<{ requests: number }>(`SELECT telemetry_name(${key}), ${SUMMARY} FROM chat_telemetry WHERE created_at < $1 AND ${where} GROUP BY 1`, [now.toISOString()]).then(sum)
  const view = (text: string): Promise<number> => database.query<{ requests: number }>(text).then(sum)
  const allTime = allTimeReader(levels)

  const asked: readonly Question[] = [
    { name: 'overview, 30 days', rows: all.overview[0], original: all.overview[1], stored: (store) => read(store, 30, [], overview), memory: () => read(memory(30), 30, [], overview) },
    { name: 'models, 30 days', rows: all.models[0], original: all.models[1], stored: (store) => read(store, 30, ['model'], share), memory: () => read(memory(30), 30, ['model'], share) },
    { name: 'domains, 30 days', rows: all.domains[0], original: all.domains[1], stored: (store) => read(store, 30, ['domain'], share), memory: () => read(memory(30), 30, ['domain'], share) },
    { name: 'trend, 24 hours', rows: () => rows(pointOfRows, 1, 'telemetry_hour(created_at)'), original: () => kept('original_rollups', 'hour', shareKept, 1, 'bucket_start'), stored: (store) => trend(store, 1, 'hour'), memory: () => trend(memory(1), 1, 'hour') },
    { name: 'trend, 90 days', rows: () => rows(pointOfRows, 90, 'telemetry_day(created_at)'), original: () => kept('original_rollups', 'day', shareKept, 90, 'bucket_start'), stored: (store) => trend(store, 90, 'day'), memory: () => trend(memory(90), 90, 'day') },
    { name: 'the whole dashboard, 30 days', rows: () => inTurn([all.models[0], all.domains[0], all.days[0], all.overview[0]]), original: () => inTurn([all.models[1], all.domains[1], all.days[1], all.overview[1]]), stored: (store) => dashboard(store), memory: () => dashboard(memory(30)) },
    {
      name: 'p50 and p95 by model, 30 days',
      rows: () => rows('count(*) AS requests, percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY duration_ms) AS p', 30, 'telemetry_name(model)'),
      original: async () => Number.NaN,
      stored: (store) => read(store, 30, ['model'], percentiles),
      memory: () => read(memory(30), 30, ['model'], percentiles),
    },
    { name: 'summary of a domain, all time', rows: () => summaryOfRows('domain', `telemetry_name(domain) = '${HELP}'`), original: () => view(`SELECT * FROM original_domain_summary WHERE domain = '${HELP}'`), stored: (store) => count(fetchDomainSummary(store, HELP, now)), memory: () => count(fetchDomainSummary(allTime, HELP, now)) },
    { name: 'summary of all models, all time', rows: () => summaryOfRows('model', `telemetry_name(model) <> 'unknown'`), original: () => view(`SELECT * FROM original_model_summary WHERE model <> 'unknown'`), stored: (store) => ofModels(store), memory: () => ofModels(allTime) },
  ]
  return asked.map((question) => ({ ...question, memory: () => numberOf(question.memory) }))
}

async function numberOf(ask: () => Promise<number>): Promise<number> {
  return numberIn({ n: await ask() }, 'n', 0)
}
