/**
 * Requests and costs over time.
 *
 * The one idea: a point is an hour or a day of UTC; what is not stored yet is read from rows by the store itself, so a
 * trend of rollups and one of rows are the same numbers.
 */
import { IsofoldError } from 'isofold'
import { DAY, HOUR } from '../clock'
import type { Queries } from '../database/database'
import { numberIn, type Reader, timeIn, whereDomain } from './reader'

/** What a trend is of. */
export interface TrendRange {
  readonly start: Date
  readonly end: Date
  readonly grain: 'hour' | 'day'
  readonly domain?: string | undefined
}

/** A point of a trend. */
export interface TrendPoint {
  /** The start of the hour or day. */
  readonly hour: Date
  readonly requests: number
  readonly cost: number
}

/** How far back rows are looked at themselves. */
const RECENT = HOUR

/** A trend from rollups, and from rows past them. Points without requests are left out. */
export async function getTrendFromRollups(reader: Reader, { start, end, grain, domain }: TrendRange): Promise<TrendPoint[]> {
  const answers = await reader.read({
    start,
    end,
    bucket: grain === 'hour' ? '1 hour' : '1 day',
    group_by: [],
    select: ['requests', 'cost_usd'],
    ...(domain === undefined ? {} : { where: whereDomain(domain) }),
  })
  return answers.map((answer) => ({
    hour: timeIn(answer, 'bucket'),
    requests: numberIn(answer, 'requests', 0),
    cost: numberIn(answer, 'cost_usd', 0),
  }))
}

/**
 * A trend from rows; what began more than an hour ago comes from rollups, which know more than rows are kept for, and
 * from rows after all where the rollups cannot answer.
 */
export async function getTrendFromRaw(queries: Queries, reader: Reader, range: TrendRange, now: Date): Promise<TrendPoint[]> {
  if (now.getTime() - range.start.getTime() > RECENT) {
    try {
      return await getTrendFromRollups(reader, range)
    } catch (error) {
      if (!(error instanceof IsofoldError)) throw error
    }
  }
  return await trendOfRows(queries, range)
}

async function trendOfRows(queries: Queries, { start, end, grain, domain }: TrendRange): Promise<TrendPoint[]> {
  const points = await queries.query<{ at: number; requests: number; cost: number }>(
    `SELECT floor(extract(epoch FROM created_at) * 1000 / $3)::float8 * $3 AS at, count(*) AS requests,
       coalesce(sum(cost_usd), 0)::float8 AS cost
     FROM chat_telemetry
     WHERE created_at >= $1 AND created_at < $2 AND ($4::text IS NULL OR telemetry_name(domain) = $4) GROUP BY 1 ORDER BY 1`,
    [start.toISOString(), end.toISOString(), grain === 'hour' ? HOUR : DAY, domain ?? null],
  )
  return points.map(({ at, requests, cost }) => ({ hour: new Date(at), requests, cost }))
}
