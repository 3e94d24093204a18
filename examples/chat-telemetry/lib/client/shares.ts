/**
 * How requests and cost are shared between models and between domains.
 */
import type { Rollup } from 'isofold'
import { count, onlyDomain } from './totals'

/** One model or one domain, and its part in all. */
export interface Share {
  readonly name: string
  readonly requests: number
  readonly costUsd: number
  readonly tokens: number
  /** Of all requests, 0 to 1. */
  readonly share: number
  /** Of all requests of this one, 0 to 1. */
  readonly successRate: number
  readonly p95DurationMs: number | null
}

/** The models of a period, or its domains, most requests first; equals stand in the order of their names. */
export function sharesOf(rollup: Rollup, key: 'model' | 'domain', domain: string | null): Share[] {
  const rows = rollup
    .query({
      bucket: null,
      group_by: [key],
      select: ['requests', 'successes', 'cost_usd', 'total_tokens', 'p95_duration_ms'],
      order_by: ['-requests', key],
      ...onlyDomain(domain),
    })
    .rows()
  const all = rows.reduce((sum, { requests }) => sum + count(requests), 0)
  return rows.map((row) => ({
    name: String(row[key]),
    requests: count(row.requests),
    costUsd: count(row.cost_usd),
    tokens: count(row.total_tokens),
    share: count(row.requests) / all,
    successRate: count(row.successes) / count(row.requests),
    p95DurationMs: row.p95_duration_ms === null ? null : count(row.p95_duration_ms),
  }))
}
