/**
 * What happened in one period, as one row of metrics.
 *
 * Not here: how it is spread over time, models and domains (`trend.ts`, `shares.ts`).
 */
import type { Cell, Rollup } from 'isofold'

/** The metrics of a period; what has no value there, a mean over nothing, is null. */
export interface Totals {
  readonly requests: number
  readonly successes: number
  readonly failures: number
  /** Of all requests, 0 to 1. */
  readonly successRate: number | null
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  readonly tokensPerRequest: number | null
  readonly costUsd: number
  /** Over the requests whose cost is known. */
  readonly avgCostUsd: number | null
  readonly maxCostUsd: number | null
  readonly avgDurationMs: number | null
  /** Within 0.55 % of the exact percentile. */
  readonly p50DurationMs: number | null
  readonly p95DurationMs: number | null
  readonly maxDurationMs: number | null
  readonly searches: number
  readonly avgSearches: number | null
  readonly avgIterations: number | null
}

const METRICS = [
  'requests', 'successes', 'failures', 'input_tokens', 'output_tokens', 'total_tokens', 'cost_usd', 'avg_cost_usd',
  'max_cost_usd', 'avg_duration_ms', 'p50_duration_ms', 'p95_duration_ms', 'max_duration_ms', 'searches',
  'avg_searches', 'avg_iterations',
] as const

/** The metrics of all that a rollup holds, of one domain or of all. */
export function totalsOf(rollup: Rollup, domain: string | null): Totals {
  const query = { bucket: null, group_by: [], select: METRICS, ...onlyDomain(domain) }
  const row: Record<string, Cell | undefined> = rollup.query(query).rows()[0] ?? {}
  const [requests, successes, totalTokens] = [count(row.requests), count(row.successes), count(row.total_tokens)]
  return {
    requests,
    successes,
    failures: count(row.failures),
    successRate: requests === 0 ? null : successes / requests,
    inputTokens: count(row.input_tokens),
    outputTokens: count(row.output_tokens),
    totalTokens,
    tokensPerRequest: requests === 0 ? null : totalTokens / requests,
    costUsd: count(row.cost_usd),
    avgCostUsd: measure(row.avg_cost_usd),
    maxCostUsd: measure(row.max_cost_usd),
    avgDurationMs: measure(row.avg_duration_ms),
    p50DurationMs: measure(row.p50_duration_ms),
    p95DurationMs: measure(row.p95_duration_ms),
    maxDurationMs: measure(row.max_duration_ms),
    searches: count(row.searches),
    avgSearches: measure(row.avg_searches),
    avgIterations: measure(row.avg_iterations),
  }
}

/** The part of a query that keeps one domain; its name may hold any character. */
export function onlyDomain(domain: string | null): { where?: string } {
  return domain === null ? {} : { where: `domain = '${domain.replaceAll("'", "''")}'` }
}

/** A number, 0 where there is none. */
export function count(cell: Cell | undefined): number {
  return measure(cell) ?? 0
}

function measure(cell: Cell | undefined): number | null {
  return typeof cell === 'number' || typeof cell === 'bigint' ? Number(cell) : null
}
