/** What the original kept: bucket tables written by SQL, and a materialized view for each summary. */
import type { OwnerDatabase } from '@/lib/database/database'

const LEVELS = [
  ['original_rollups', ''],
  ['original_domain_rollups', 'domain, '],
  ['original_model_rollups', 'domain, model, '],
] as const

const bucketTable = (table: string, keys: string, grain: string): string => `
  SELECT '${grain}' AS granularity, telemetry_${grain}(created_at) AS bucket_start, ${keys} count(*) AS total_requests,
    count(*) FILTER (WHERE success) AS success_count, coalesce(sum(input_tokens), 0) AS total_input_tokens,
    coalesce(sum(output_tokens), 0) AS total_output_tokens, coalesce(sum(cost_usd), 0) AS total_cost_usd,
    round(avg(duration_ms))::integer AS avg_duration_ms, avg(search_count)::numeric(8, 3) AS avg_searches,
    avg(iterations)::numeric(8, 3) AS avg_iterations
  FROM (SELECT c.created_at, telemetry_name(c.domain) AS domain, telemetry_name(c.model) AS model, c.success, c.input_tokens,
      c.output_tokens, c.cost_usd, c.duration_ms, c.search_count, c.iterations FROM chat_telemetry AS c) AS ${table}_rows
  GROUP BY ${keys} telemetry_${grain}(created_at)`

/** The measures of both summaries over rows; raw SQL asks them too. */
export const SUMMARY = `count(*) AS requests, count(*) FILTER (WHERE success) AS successes, sum(cost_usd) AS cost,
  avg(coalesce(cost_usd, 0)) AS avg_cost, max(cost_usd) AS max_cost, sum(input_tokens) AS input_tokens,
  sum(output_tokens) AS output_tokens, sum(total_tokens) AS total_tokens, avg(duration_ms) AS avg_duration_ms,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS median_duration_ms,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_duration_ms, max(duration_ms) AS max_duration_ms,
  avg(search_count) AS avg_searches, sum(search_count) AS searches, avg(iterations) AS avg_iterations,
  min(created_at) AS first_request_at, max(created_at) AS last_request_at,
  count(*) FILTER (WHERE created_at >= now() - interval '24 hours') AS requests_last_24h,
  count(*) FILTER (WHERE created_at >= now() - interval '7 days') AS requests_last_7d`

/** Makes and fills them, and tells how long that took; ms. */
export async function makeOriginals(database: OwnerDatabase): Promise<number> {
  const started = performance.now()
  for (const [table, keys] of LEVELS) {
    await database.script(`CREATE TABLE ${table} AS ${bucketTable(table, keys, 'hour')} UNION ALL ${bucketTable(table, keys, 'day')};
      CREATE UNIQUE INDEX ON ${table} (granularity, bucket_start${keys === '' ? '' : `, ${keys.replace(/, $/, '')}`})`)
  }
  for (const key of ['domain', 'model']) {
    const other = key === 'domain' ? 'model' : 'domain'
    await database.script(`CREATE MATERIALIZED VIEW original_${key}_summary AS
      SELECT telemetry_name(${key}) AS ${key}, ${SUMMARY}, mode() WITHIN GROUP (ORDER BY ${other}) AS most_used,
        count(DISTINCT ${other}) AS unique_others FROM chat_telemetry GROUP BY telemetry_name(${key});
      CREATE UNIQUE INDEX ON original_${key}_summary (${key})`)
  }
  await database.script('ANALYZE')
  return performance.now() - started
}
