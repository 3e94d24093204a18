/** What the monitor of chats reports on a period that ends now. */
import type { Query } from 'isofold'
import { DAY, HOUR } from '../clock'
import type { Queries } from '../database/database'
import { projectionOf } from './projection'
import { numberIn, type Reader, timeIn, whereDomain } from './reader'

/** Lengths of the periods, ms. */
export const PERIODS = { hour: HOUR, day: DAY, week: 7 * DAY, month: 30 * DAY } as const

/** What is asked. */
export interface MonitoringQuestion {
  readonly period: keyof typeof PERIODS
  readonly domain?: string | undefined
  readonly model?: string | undefined
  readonly now: Date
}

/** What was used of one model or domain. */
export interface Usage {
  /** The name of the model or domain. */
  readonly name: string
  readonly requests: number
  readonly failures: number
  readonly cost: number
  readonly tokens: number
}

/** A report; rates are percent with two decimals, costs USD, durations ms or null without any. */
export interface MonitoringMetrics {
  readonly totalRequests: number
  readonly successfulRequests: number
  readonly failedRequests: number
  readonly successRate: number
  readonly errorRate: number
  readonly totalInputTokens: number
  readonly totalOutputTokens: number
  readonly totalTokens: number
  readonly totalCost: number
  readonly avgCostPerRequest: number
  readonly projectedDailyCost: number
  readonly projectedMonthlyCost: number
  readonly avgDurationMs: number | null
  readonly medianDurationMs: number | null
  readonly p95DurationMs: number | null
  readonly modelBreakdown: readonly Usage[]
  readonly domainBreakdown: readonly Usage[]
}

/** An hour of a report. */
export interface MonitoringPoint {
  readonly hour: Date
  readonly requests: number
  readonly failures: number
  readonly cost: number
}

/** The last rows of a period. */
export interface MonitoringDetails {
  readonly rows: readonly object[]
  /** Whether there are more. */
  readonly isTruncated: boolean
}

/** Rows of `details` at most. */
export const MOST_DETAILS = 100

const TOTALS = ['requests', 'successes', 'failures', 'input_tokens', 'output_tokens', 'total_tokens', 'cost_usd', 'avg_duration_ms', 'p50_duration_ms', 'p95_duration_ms']

/** Counts, rates, costs and durations of a period, in total, by model and by domain. */
export async function monitoringMetrics(reader: Reader, question: MonitoringQuestion): Promise<MonitoringMetrics> {
  const asked = queryOf(question)
  const [totals] = await reader.read({ ...asked, bucket: null, group_by: [], select: TOTALS })
  const number = (name: string): number => numberIn(totals, name, 0)
  const [requests, cost] = [number('requests'), number('cost_usd')]
  const projection = projectionOf(cost, PERIODS[question.period] / DAY)
  const rate = (part: number): number => (requests === 0 ? 0 : Math.round((10_000 * part) / requests) / 100)
  return {
    totalRequests: requests,
    successfulRequests: number('successes'),
    failedRequests: number('failures'),
    successRate: requests === 0 ? 100 : rate(number('successes')),
    errorRate: rate(number('failures')),
    totalInputTokens: number('input_tokens'),
    totalOutputTokens: number('output_tokens'),
    totalTokens: number('total_tokens'),
    totalCost: cost,
    avgCostPerRequest: requests === 0 ? 0 : cost / requests,
    projectedDailyCost: projection.daily,
    projectedMonthlyCost: projection.monthly,
    avgDurationMs: numberIn(totals, 'avg_duration_ms', null),
    medianDurationMs: numberIn(totals, 'p50_duration_ms', null),
    p95DurationMs: numberIn(totals, 'p95_duration_ms', null),
    modelBreakdown: await breakdown(reader, asked, 'model'),
    domainBreakdown: await breakdown(reader, asked, 'domain'),
  }
}

/** Requests and costs by hour. */
export async function monitoringTrend(reader: Reader, question: MonitoringQuestion): Promise<MonitoringPoint[]> {
  const answers = await reader.read({ ...queryOf(question), bucket: '1 hour', group_by: [], select: ['requests', 'failures', 'cost_usd'] })
  return answers.map((answer) => ({
    hour: timeIn(answer, 'bucket'),
    requests: numberIn(answer, 'requests', 0),
    failures: numberIn(answer, 'failures', 0),
    cost: numberIn(answer, 'cost_usd', 0),
  }))
}

/** The last rows of the period. */
export async function monitoringDetails(queries: Queries, { period, domain, model, now }: MonitoringQuestion): Promise<MonitoringDetails> {
  const rows = await queries.query<object>(
    `SELECT id, session_id, model, domain, created_at, duration_ms, iterations, search_count, success, error, input_tokens,
       output_tokens, cost_usd
     FROM chat_telemetry WHERE created_at >= $1 AND created_at < $2 AND ($3::text IS NULL OR telemetry_name(domain) = $3)
       AND ($4::text IS NULL OR telemetry_name(model) = $4)
     ORDER BY created_at DESC, id LIMIT ${MOST_DETAILS + 1}`,
    [new Date(now.getTime() - PERIODS[period]).toISOString(), now.toISOString(), domain ?? null, model ?? null],
  )
  return { rows: rows.slice(0, MOST_DETAILS), isTruncated: rows.length > MOST_DETAILS }
}

function queryOf({ period, domain, model, now }: MonitoringQuestion): Query {
  const conditions = [domain === undefined ? [] : whereDomain(domain), model === undefined ? [] : `model = '${model.replaceAll("'", "''")}'`].flat()
  const range = { start: new Date(now.getTime() - PERIODS[period]), end: now }
  return conditions.length === 0 ? range : { ...range, where: conditions.join(' and ') }
}

async function breakdown(reader: Reader, asked: Query, key: 'model' | 'domain'): Promise<Usage[]> {
  const answers = await reader.read({ ...asked, bucket: null, group_by: [key], select: ['requests', 'failures', 'cost_usd', 'total_tokens'], order_by: ['-requests', key] })
  return answers.map((answer) => ({
    name: String(answer[key]),
    requests: numberIn(answer, 'requests', 0),
    failures: numberIn(answer, 'failures', 0),
    cost: numberIn(answer, 'cost_usd', 0),
    tokens: numberIn(answer, 'total_tokens', 0),
  }))
}
