/** What DuckDB is asked in JavaScript. */
import { HOUR_MS } from './rows.mjs'

const SELECT = {
  simple: 'count(*) AS count, sum(cost_usd) AS sum, min(cost_usd) AS min, max(cost_usd) AS max',
  full: `count(*) AS count, sum(cost_usd) AS sum, avg(duration_ms) AS avg, min(duration_ms) AS min,
    max(duration_ms) AS max, stddev_samp(duration_ms) AS stddev,
    approx_quantile(duration_ms, [0.5, 0.95, 0.99]) AS quantiles,
    approx_count_distinct(user_id) AS users, count(*) FILTER (status_code >= 400) AS errors`,
}

/** The statements that make the types of keys. */
export function createTypes({ keys, told }) {
  if (keys === 'text') return []
  const types = [['model_key', told.models], ['user_key', told.users]]
  return types.map(([name, texts]) => `CREATE TYPE ${name} AS ENUM (${texts.map((text) => `'${text}'`).join(', ')})`)
}

/** The statement that copies the rows into a table. */
export function rowsFrom(source, { keys }) {
  const [model, user] = keys === 'text' ? ['VARCHAR', 'VARCHAR'] : ['model_key', 'user_key']
  return `CREATE TABLE requests AS SELECT epoch_ms(ts) AS ts_ms, model::VARCHAR::${model} AS model,
    user_id::VARCHAR::${user} AS user_id, duration_ms, cost_usd, status_code FROM ${source}`
}

export function sqlOf(query) {
  return `SELECT ts_ms // ${HOUR_MS} AS hour, model::VARCHAR AS model, ${SELECT[query]} FROM requests GROUP BY hour, requests.model`
}

/** The columns that the checker wants. */
export function answerOf({ hour, quantiles, ...columns }) {
  const answer = { ...columns, hour_ms: Array.from(hour, (hour) => Number(hour) * HOUR_MS) }
  if (quantiles === undefined) return answer
  const rows = Array.from(quantiles, (row) => Array.from(row.items ?? row))
  return { ...answer, ...Object.fromEntries(['p50', 'p95', 'p99'].map((name, i) => [name, rows.map((row) => row[i])])) }
}
