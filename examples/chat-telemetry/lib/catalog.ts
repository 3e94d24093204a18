/**
 * Which rollups are kept of `chat_telemetry`, and the rules of their terms.
 *
 * The one idea: every term has one definition, here, and rows, rollups, the API and the page all use it. Seven plain
 * tables follow the rows: hours and days over all, by domain, and by domain and model, and months that are never
 * dropped. Means, rates and percentiles are read from states, so no mean is ever averaged.
 */
import type { Spec } from 'isofold'

/** What is read of a row of `chat_telemetry`. */
export const COLUMNS = {
  created_at: 'timestamp',
  domain: 'string',
  model: 'string',
  success: 'bool',
  input_tokens: 'int64',
  output_tokens: 'int64',
  total_tokens: 'int64',
  cost_usd: 'float64',
  duration_ms: 'int64',
  search_count: 'int64',
  iterations: 'int64',
} as const

/** A row without a name has this one; `sql/terms.sql` has the same rule for SQL. */
export const UNKNOWN = 'unknown'

const named = (column: string): string => `coalesce(nullif(trim(${column}), ''), '${UNKNOWN}') as ${column}`
const DOMAIN = named('domain')
const MODEL = named('model')

/** What is kept of every group. Means are over the values that are there; `_rows` counts those. */
const SELECT = {
  requests: 'count(*)',
  successes: 'count(*) filter (where success)',
  failures: 'requests - successes',
  input_tokens: 'coalesce(sum(input_tokens), 0)',
  output_tokens: 'coalesce(sum(output_tokens), 0)',
  total_tokens: 'coalesce(sum(total_tokens), 0)',
  cost_usd: 'coalesce(sum(cost_usd), 0)',
  cost_rows: 'count(cost_usd)',
  avg_cost_usd: 'avg(cost_usd)',
  max_cost_usd: 'max(cost_usd)',
  duration_ms: 'coalesce(sum(duration_ms), 0)',
  duration_rows: 'count(duration_ms)',
  avg_duration_ms: 'avg(duration_ms)',
  p50_duration_ms: 'approx_percentile(0.5, percentile_agg(duration_ms))',
  p95_duration_ms: 'approx_percentile(0.95, percentile_agg(duration_ms))',
  max_duration_ms: 'max(duration_ms)',
  searches: 'coalesce(sum(search_count), 0)',
  search_rows: 'count(search_count)',
  avg_searches: 'avg(search_count)',
  iterations: 'coalesce(sum(iterations), 0)',
  iteration_rows: 'count(iterations)',
  avg_iterations: 'avg(iterations)',
  avg_input_tokens: 'avg(input_tokens)',
  avg_output_tokens: 'avg(output_tokens)',
  first_request_at: 'min(created_at)',
  last_request_at: 'max(created_at)',
}

function spec(name: string, bucket: string, keys: readonly string[]): Spec {
  return { name, columns: COLUMNS, time: 'created_at', bucket, group_by: keys, select: SELECT }
}

/** The rollup that the page holds: hours by domain and model. All other levels follow from it. */
export const PAGE_SPEC: Spec = spec('telemetry_model_hours', '1 hour', [DOMAIN, MODEL])

/** How many days the page can look back. */
export const PAGE_DAYS = 90

const HOURS = {
  refresh: { end_offset: '0 minutes', schedule_interval: '15 minutes' },
  // a day more than the page looks back, so that its longest range is always whole
  retention: '91 days',
}
const DAYS = { refresh: { end_offset: '0 minutes', schedule_interval: '1 day' }, retention: '400 days' }

const SOURCE = {
  table: 'chat_telemetry',
  columns: COLUMNS,
  time: 'created_at',
  // inserts, updates and deletes of any age are followed; nothing is looked at again without a reason
  changes: 'trigger',
  retention: '30 days',
}

const BY_DOMAIN = [
  { spec: PAGE_SPEC, ...HOURS },
  { spec: spec('telemetry_domain_hours', '1 hour', [DOMAIN]), from: 'telemetry_model_hours', ...HOURS },
  { spec: spec('telemetry_model_days', '1 day', [DOMAIN, MODEL]), from: 'telemetry_model_hours', ...DAYS },
  { spec: spec('telemetry_domain_days', '1 day', [DOMAIN]), from: 'telemetry_model_days', ...DAYS },
  { spec: spec('telemetry_model_months', '1 month', [DOMAIN, MODEL]), from: 'telemetry_model_days', refresh: DAYS.refresh },
]
const OVER_ALL = [
  { spec: spec('telemetry_hours', '1 hour', []), from: 'telemetry_domain_hours', ...HOURS },
  { spec: spec('telemetry_days', '1 day', []), from: 'telemetry_domain_days', ...DAYS },
]

/** All rollups: what refreshes read and write. */
export const CATALOG = { source: SOURCE, rollups: [...BY_DOMAIN, ...OVER_ALL] }

/** The rollups that tell domains apart: what a tenant may be answered from. */
export const TENANT_CATALOG = { source: SOURCE, rollups: BY_DOMAIN }

/** The rollups of a grain, as the refresh schedule names them. */
export const LEVELS = {
  hour: ['telemetry_model_hours', 'telemetry_domain_hours', 'telemetry_hours'],
  day: ['telemetry_model_days', 'telemetry_domain_days', 'telemetry_days', 'telemetry_model_months'],
} as const
