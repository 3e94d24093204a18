/**
 * The rules of the original, for tests that show where they fail: the tables have the prefix `original_`, everything
 * else is as it was.
 */
import type { OwnerDatabase, Queries } from '@/lib/database/database'

const TABLE = `
  CREATE TABLE original_rollups (
    granularity text NOT NULL, bucket_start timestamptz NOT NULL, bucket_end timestamptz NOT NULL,
    total_requests integer NOT NULL, success_count integer NOT NULL, failure_count integer NOT NULL,
    total_input_tokens bigint NOT NULL, total_output_tokens bigint NOT NULL, total_cost_usd numeric(16, 6) NOT NULL,
    avg_duration_ms integer, avg_searches numeric(8, 3), avg_iterations numeric(8, 3),
    PRIMARY KEY (granularity, bucket_start))`

// The look-back is not aligned to the grain, the upsert replaces, and nothing removes what has no rows any more.
const REFRESH = `
  CREATE FUNCTION original_refresh(grain text, since timestamptz) RETURNS bigint LANGUAGE sql AS $$
    WITH written AS (
      INSERT INTO original_rollups
      SELECT grain, date_trunc(grain, created_at), date_trunc(grain, created_at) + ('1 ' || grain)::interval, count(*),
        count(*) FILTER (WHERE success), count(*) FILTER (WHERE success IS NOT TRUE),
        coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0), coalesce(sum(cost_usd), 0),
        round(avg(duration_ms)), avg(search_count), avg(iterations)
      FROM chat_telemetry WHERE created_at >= since GROUP BY date_trunc(grain, created_at)
      ON CONFLICT (granularity, bucket_start) DO UPDATE SET total_requests = excluded.total_requests,
        success_count = excluded.success_count, failure_count = excluded.failure_count,
        total_input_tokens = excluded.total_input_tokens, total_output_tokens = excluded.total_output_tokens,
        total_cost_usd = excluded.total_cost_usd, avg_duration_ms = excluded.avg_duration_ms,
        avg_searches = excluded.avg_searches, avg_iterations = excluded.avg_iterations
      RETURNING 1)
    SELECT count(*) FROM written $$`

/** Makes the tables and the function of the original. */
export async function makeOriginal(database: OwnerDatabase): Promise<void> {
  await database.script(`${TABLE}; ${REFRESH};`)
}

/** Refreshes the table of the original. */
export async function originalRefresh(queries: Queries, grain: 'hour' | 'day', since: Date): Promise<void> {
  await queries.query('SELECT original_refresh($1, $2)', [grain, since.toISOString()])
}

/** How the original's API averaged durations: weighted by all requests, an unknown mean as 0. */
export const ORIGINAL_MEAN = `SELECT round(sum(coalesce(avg_duration_ms, 0) * total_requests)::numeric / sum(total_requests)) AS mean
  FROM original_rollups WHERE granularity = 'hour'`

/** The key of the original's table of models, which no database takes. */
export const ORIGINAL_MODEL_TABLE = `CREATE TABLE original_model_rollups (granularity text, bucket_start timestamptz, domain text,
  model text, PRIMARY KEY (granularity, bucket_start, coalesce(domain, ''), model))`

/** The index of recent rows, which no database takes either. */
export const ORIGINAL_RECENT_INDEX = `CREATE INDEX original_recent ON chat_telemetry (created_at) WHERE created_at > now() - interval '30 days'`

/** The costs of domains: an aggregate inside an aggregate. */
export const ORIGINAL_DOMAIN_COSTS = `CREATE VIEW original_domain_costs AS
  SELECT domain, date_trunc('month', created_at) AS month, jsonb_object_agg(model, sum(cost_usd)) AS cost_by_model
  FROM chat_telemetry GROUP BY 1, 2`

/** The original's "hourly" trend: days for more than two days, and nothing that no refresh has seen. */
export async function originalTrend(queries: Queries, start: Date, end: Date): Promise<{ hour: Date; requests: number }[]> {
  const grain = end.getTime() - start.getTime() > 2 * 86_400_000 ? 'day' : 'hour'
  const points = await queries.query<{ at: number; requests: number }>(
    `SELECT extract(epoch FROM bucket_start)::float8 * 1000 AS at, total_requests AS requests FROM original_rollups
     WHERE granularity = $1 AND bucket_start >= $2 AND bucket_start < $3 ORDER BY 1`,
    [grain, start.toISOString(), end.toISOString()],
  )
  return points.map(({ at, requests }) => ({ hour: new Date(at), requests }))
}

/** The original's summary of a domain: each model beside every row; `MODEL` is a name that two tables have. */
const originalSummary = (model: string): string => `
  WITH models AS (SELECT model, count(*) AS uses FROM chat_telemetry WHERE domain = $1 GROUP BY model)
  SELECT count(*) AS total_requests, sum(t.total_tokens) AS total_tokens, max(${model}) AS some_model
  FROM chat_telemetry t, models WHERE t.domain = $1`

/** As it was written: no database knows which model is meant. */
export const ORIGINAL_SUMMARY_AMBIGUOUS = originalSummary('model')

/** As it was meant. */
export const ORIGINAL_SUMMARY_MULTIPLIED = originalSummary('t.model')

/** The original's two functions that clean, the second with a default: a call without arguments fits both. */
export const ORIGINAL_CLEANUPS = `
  CREATE FUNCTION original_cleanup() RETURNS integer LANGUAGE sql AS 'SELECT 0';
  CREATE FUNCTION original_cleanup(days integer DEFAULT 30) RETURNS integer LANGUAGE sql AS 'SELECT days';`

/** The summaries of the original: names as they were written, a cost per token called per thousand, one for all tenants. */
export const ORIGINAL_SUMMARIES = `
  CREATE MATERIALIZED VIEW original_domain_summary AS
    SELECT domain, count(*) AS total_requests_all_time,
      count(*) FILTER (WHERE created_at >= telemetry_now() - interval '24 hours') AS requests_last_24h
    FROM chat_telemetry WHERE domain IS NOT NULL AND domain <> '' GROUP BY domain;
  CREATE MATERIALIZED VIEW original_model_summary AS
    SELECT model, sum(cost_usd) / nullif(sum(total_tokens), 0) AS cost_per_1k_tokens FROM chat_telemetry
    WHERE model IS NOT NULL GROUP BY model;
  GRANT SELECT ON original_domain_summary, original_model_summary TO telemetry_tenant;`

/** The price that the original's application computed: names had to match exactly. */
export function originalApplicationPrice(model: string): readonly [number, number] {
  const exact: Readonly<Record<string, readonly [number, number]>> = {
    'gpt-5-mini': [0.25, 2],
    'gpt-4.1': [10, 30],
    'gpt-4-turbo': [10, 30],
    'gpt-4': [30, 60],
    'gpt-3.5-turbo': [0.5, 1.5],
  }
  return exact[model] ?? [5, 15]
}

/** The original's cleaner of live sessions: it takes an uptime for a time. */
export function originalCleaned<Session extends { readonly uptime: number }>(sessions: readonly Session[], time: number): Session[] {
  return sessions.filter(({ uptime }) => time - uptime <= 30 * 60_000)
}
