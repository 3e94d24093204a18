// A table of requests in PGlite and, where ISOFOLD_POSTGRES is, in PostgreSQL; its catalog, and what its rows fold to.
import { randomUUID } from 'node:crypto'
import { describe } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { Rollup } from '../dist/esm/stores.js'

export const COLUMNS = { ts: 'timestamp', model: 'string', user_id: 'int64', ms: 'float64', ok: 'bool' }
export const SELECT = {
  requests: 'count(*)',
  failures: 'count(*) filter (where not ok)',
  p95_ms: 'approx_percentile(0.95, percentile_agg(ms))',
  users: 'approx_count_distinct(user_id)',
  top: 'topn(value_counts(user_id), 2)',
}
export const START = Date.parse('2026-11-01T00:00:00Z')
export const NOW = '2026-11-03T10:30:00Z'
export const WATERMARK = '2026-11-03T10:00:00Z'

export const spec = (name, bucket, keys = ['model']) => ({ name, bucket, group_by: keys, select: SELECT })

/** Hours and days of the requests; `source` and `refresh` change what stands there. */
export function catalog(source = {}, refresh = {}) {
  return {
    source: { table: 'requests', columns: COLUMNS, time: 'ts', changes: 'trigger', ...source },
    rollups: [
      { spec: spec('hours', '1 hour'), refresh: { schedule_interval: '1 hour', ...refresh } },
      { spec: spec('days', '1 day'), from: 'hours' },
    ],
  }
}

export const rows = Array.from({ length: 2500 }, (_, i) => ({
  ts: new Date(START + i * 83_250),
  model: i % 11 === 0 ? null : ['gpt', 'claude', "o'möbius"][i % 3],
  user_id: i % 7 === 0 ? null : (i * i) % 1013,
  ms: i % 13 === 0 ? null : i * 0.25,
  ok: i % 17 === 0 ? null : i % 5 !== 0,
}))

/** What rows give when they are folded from the first to the last, up to a time. */
export function folded(name, bucket, end, all) {
  const rollup = new Rollup({ columns: COLUMNS, time: 'ts', ...spec(name, bucket) })
  rollup.ingest(all)
  return rollup.slice(undefined, end)
}

const url = process.env.ISOFOLD_POSTGRES
const schemaOf = () => `js_${randomUUID().replaceAll('-', '')}`
const connected = async (database, schema, close) => {
  await database.query(`CREATE SCHEMA ${schema}`)
  return { database, query: (sql, values) => database.query(sql, values), close, url: `${url}?options=-csearch_path%3D${schema}` }
}

const DATABASES = {
  pglite: async () => {
    const database = new PGlite()
    return { database, query: (sql, values) => database.query(sql, values), close: () => database.close() }
  },
  pool: async () => {
    const schema = schemaOf()
    const pool = new pg.Pool({ connectionString: url, options: `-csearch_path=${schema}` })
    return await connected(pool, schema, () => pool.end())
  },
  client: async () => {
    const schema = schemaOf()
    const client = new pg.Client({ connectionString: url, options: `-csearch_path=${schema}` })
    await client.connect()
    return await connected(client, schema, () => client.end())
  },
}

/** Describes the same tests for every database; `fresh` gives an empty one. */
export function eachDatabase(tests) {
  for (const [kind, fresh] of Object.entries(DATABASES)) {
    const skip = kind !== 'pglite' && url === undefined ? 'ISOFOLD_POSTGRES is not set' : false
    describe(kind, { skip }, () => tests(kind, fresh))
  }
}

/** Makes the table and fills it. */
export async function filled(made, all = rows) {
  await made.query('CREATE TABLE requests (ts timestamptz, model text, user_id int, ms numeric(12, 4), ok boolean)')
  await insert(made, all)
}

export async function insert(made, all) {
  for (let at = 0; at < all.length; at += 500) {
    const part = all.slice(at, at + 500)
    const tuples = part.map((_, i) => `($${5 * i + 1}, $${5 * i + 2}, $${5 * i + 3}, $${5 * i + 4}, $${5 * i + 5})`)
    const values = part.flatMap(({ ts, model, user_id, ms, ok }) => [ts, model, user_id, ms, ok])
    await made.query(`INSERT INTO requests VALUES ${tuples.join(', ')}`, values)
  }
}

/** The rows that the table has. */
export async function raw(made) {
  const { rows } = await made.query('SELECT ts, model, user_id, ms::double precision AS ms, ok FROM requests')
  return rows
}

/** The states that a table keeps. */
export async function states(made, table) {
  const { rows } = await made.query(`SELECT encode(state, 'hex') AS state FROM "${table}" ORDER BY 1`)
  return rows.map(({ state }) => state)
}
