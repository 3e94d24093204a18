/** The summaries as the original defined them, over rows before $1, with its mistakes mended; and comparing with them. */
import assert from 'node:assert/strict'

const RECENT = (span: string): string => `FILTER (WHERE created_at >= $1::timestamptz - interval '${span}')`

export const DOMAIN_SUMMARY_SQL = `
  SELECT telemetry_name(domain) AS domain, count(*) AS total_requests_all_time,
    count(*) FILTER (WHERE success) AS successful_requests_all_time,
    round(100.0 * count(*) FILTER (WHERE success) / count(*), 2) AS success_rate_pct,
    coalesce(sum(cost_usd), 0) AS total_cost_usd_all_time, avg(coalesce(cost_usd, 0)) AS avg_cost_per_request,
    max(cost_usd) AS max_cost_single_request, coalesce(sum(input_tokens), 0) AS total_input_tokens,
    coalesce(sum(output_tokens), 0) AS total_output_tokens, sum(total_tokens) AS total_tokens,
    avg(total_tokens) AS avg_tokens_per_request, avg(duration_ms) AS avg_duration_ms,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS median_duration_ms,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_duration_ms, max(duration_ms) AS max_duration_ms,
    avg(search_count) AS avg_searches_per_request, coalesce(sum(search_count), 0) AS total_searches,
    avg(iterations) AS avg_iterations_per_request,
    mode() WITHIN GROUP (ORDER BY telemetry_name(model) COLLATE "C") AS most_used_model,
    count(DISTINCT telemetry_name(model)) AS unique_models_used, min(created_at) AS first_request_at,
    max(created_at) AS last_request_at, count(*) ${RECENT('24 hours')} AS requests_last_24h,
    sum(coalesce(cost_usd, 0)) ${RECENT('24 hours')} AS cost_last_24h,
    count(*) ${RECENT('168 hours')} AS requests_last_7d, sum(coalesce(cost_usd, 0)) ${RECENT('168 hours')} AS cost_last_7d
  FROM chat_telemetry WHERE created_at < $1 AND telemetry_name(domain) <> 'unknown' GROUP BY telemetry_name(domain)
  ORDER BY telemetry_name(domain) COLLATE "C"`

export const MODEL_SUMMARY_SQL = `
  SELECT telemetry_name(model) AS model, count(*) AS total_uses,
    count(DISTINCT telemetry_name(domain)) FILTER (WHERE telemetry_name(domain) <> 'unknown') AS unique_domains,
    count(*) FILTER (WHERE success) AS successful_requests,
    round(100.0 * count(*) FILTER (WHERE success) / count(*), 2) AS success_rate_pct,
    coalesce(sum(cost_usd), 0) AS total_cost, avg(coalesce(cost_usd, 0)) AS avg_cost_per_request,
    1000 * coalesce(sum(cost_usd), 0) / nullif(sum(total_tokens), 0) AS cost_per_1k_tokens,
    avg(duration_ms) AS avg_duration_ms,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_duration_ms,
    avg(total_tokens) AS avg_tokens_per_request, avg(input_tokens) AS avg_input_tokens,
    avg(output_tokens) AS avg_output_tokens, sum(total_tokens) AS total_tokens,
    avg(search_count) AS avg_searches_per_request, avg(iterations) AS avg_iterations_per_request,
    min(created_at) AS first_used_at, max(created_at) AS last_used_at, count(*) ${RECENT('24 hours')} AS uses_last_24h,
    count(*) ${RECENT('168 hours')} AS uses_last_7d
  FROM chat_telemetry WHERE created_at < $1 AND telemetry_name(model) <> 'unknown' GROUP BY telemetry_name(model)
  ORDER BY telemetry_name(model) COLLATE "C"`

/** Columns that are estimated; the two order statistics around a place may each be off by so much. */
const ESTIMATED = /^(median|p95)_/
const BOUND = 0.005415
/** What the columns of the views keep of a mean: three decimals, six of a cost. */
const KEPT = (name: string): number => (/cost/.test(name) ? 5.1e-7 : 5.1e-4)

/** That rows equal those of SQL: counts, sums, extrema, texts and times exactly, means to what a column keeps. */
export function assertNear(found: readonly (object | null)[], expected: readonly Readonly<Record<string, unknown>>[]): void {
  assert.equal(found.length, expected.length)
  for (const [at, row] of expected.entries()) {
    for (const [name, value] of Object.entries(row)) {
      const other = (found[at] as Readonly<Record<string, unknown>>)[name]
      const where = `${name} of ${JSON.stringify(row).slice(0, 80)}: ${String(other)}, SQL says ${String(value)}`
      if (typeof value !== 'number') assert.deepEqual(other, value, where)
      else if (ESTIMATED.test(name)) assert.ok(Math.abs(Number(other) - value) <= BOUND * Math.abs(value) + 5.1e-4, where)
      else if (Number.isInteger(value) && !/^avg/.test(name)) assert.equal(Math.round(Number(other) * 1e6) / 1e6, value, where)
      else assert.ok(Math.abs(Number(other) - value) <= KEPT(name), where)
    }
  }
}
