// Stores on PGlite, and on PostgreSQL where ISOFOLD_POSTGRES is: the tables are what the rows fold to.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { IsofoldError, openStore, Rollup } from '../dist/esm/stores.js'

const COLUMNS = { ts: 'timestamp', model: 'string', user_id: 'int64', ms: 'float64', ok: 'bool' }
const SELECT = {
  requests: 'count(*)',
  failures: 'count(*) filter (where not ok)',
  p95_ms: 'approx_percentile(0.95, percentile_agg(ms))',
  users: 'approx_count_distinct(user_id)',
  top: 'topn(value_counts(user_id), 2)',
}
const spec = (name, bucket, keys) => ({ name, bucket, group_by: keys, select: SELECT })
const CATALOG = {
  source: { table: 'requests', columns: COLUMNS, time: 'ts', changes: 'trigger' },
  rollups: [
    { spec: spec('hours', '1 hour', ['model']), refresh: { schedule_interval: '1 hour' } },
    { spec: spec('days', '1 day', ['model']), from: 'hours' },
  ],
}
const START = Date.parse('2026-11-01T00:00:00Z')
const NOW = '2026-11-03T10:30:00Z'

const rows = Array.from({ length: 2500 }, (_, i) => ({
  ts: new Date(START + i * 83_250),
  model: i % 11 === 0 ? null : ['gpt', 'claude', "o'möbius"][i % 3],
  user_id: i % 7 === 0 ? null : (i * i) % 1013,
  ms: i % 13 === 0 ? null : i * 0.25,
  ok: i % 17 === 0 ? null : i % 5 !== 0,
}))

function folded(name, bucket, end, extra = []) {
  const rollup = new Rollup({ columns: COLUMNS, time: 'ts', ...spec(name, bucket, ['model']) })
  rollup.ingest([...rows, ...extra])
  return rollup.slice(undefined, end)
}

const DATABASES = {
  pglite: async () => {
    const database = new PGlite()
    return { database, query: (sql, values) => database.query(sql, values), close: () => database.close() }
  },
  pool: async () => {
    const schema = `js_${process.pid}_${Date.now()}`
    const pool = new pg.Pool({ connectionString: process.env.ISOFOLD_POSTGRES, options: `-csearch_path=${schema}` })
    await pool.query(`CREATE SCHEMA ${schema}`)
    return { database: pool, query: (sql, values) => pool.query(sql, values), close: () => pool.end() }
  },
  client: async () => {
    const schema = `js_client_${process.pid}_${Date.now()}`
    const client = new pg.Client({ connectionString: process.env.ISOFOLD_POSTGRES, options: `-csearch_path=${schema}` })
    await client.connect()
    await client.query(`CREATE SCHEMA ${schema}`)
    return { database: client, query: (sql, values) => client.query(sql, values), close: () => client.end() }
  },
}

for (const [kind, make] of Object.entries(DATABASES)) {
  const skip = kind !== 'pglite' && process.env.ISOFOLD_POSTGRES === undefined ? 'ISOFOLD_POSTGRES is not set' : false
  describe(kind, { skip }, () => {
    let made
    let store

    before(async () => {
      made = await make()
      await made.query('CREATE TABLE requests (ts timestamptz, model text, user_id int, ms numeric(12, 4), ok boolean)')
      for (let at = 0; at < rows.length; at += 500) {
        const part = rows.slice(at, at + 500)
        const tuples = part.map((_, i) => `($${5 * i + 1}, $${5 * i + 2}, $${5 * i + 3}, $${5 * i + 4}, $${5 * i + 5})`)
        const values = part.flatMap(({ ts, model, user_id, ms, ok }) => [ts, model, user_id, ms, ok])
        await made.query(`INSERT INTO requests VALUES ${tuples.join(', ')}`, values)
      }
      store = openStore(CATALOG, made.database)
    })
    after(async () => await made.close())

    test('the tables are what the rows fold to, and a second refresh writes nothing', async () => {
      await assert.rejects(store.refresh({ now: NOW }), { code: 'store.table' })
      const { rollups } = await store.init()
      assert.deepEqual(rollups.map(({ status }) => status), ['made', 'made'])
      const seen = []
      const first = await store.refresh({ now: NOW, onProgress: ({ rollup }) => seen.push(rollup) })
      assert.deepEqual(first.rollups.map(({ name, status }) => [name, status]), [['hours', 'ok'], ['days', 'ok']])
      assert.ok(first.rollups[0].groups_written > 100 && seen.includes('days'))
      const loaded = await store.load('hours', undefined, '2026-11-03T10:00:00Z')
      assert.equal(loaded.digest(), folded('hours', '1 hour', '2026-11-03T10:00:00Z').digest())
      const days = await store.load('days', undefined, '2026-11-03')
      assert.equal(days.digest(), folded('days', '1 day', '2026-11-03').digest())
      const again = await store.refresh({ now: NOW, since: new Date(START) })
      assert.deepEqual(again.rollups.map(({ groups_written }) => groups_written), [0, 0])
    })

    test('a query reads whole buckets from rollups and the edges from rows', async () => {
      const query = { bucket: null, group_by: [], select: ['requests', 'p95_ms'], start: '2026-11-01T05:30:00Z', end: '2026-11-03T10:45:00Z' }
      const { result, coverage } = await store.query('hours', query)
      const inside = rows.filter(({ ts }) => ts >= new Date(query.start) && ts < new Date(query.end))
      const whole = new Rollup({ columns: COLUMNS, time: 'ts', ...spec('all', '1 hour', []) })
      whole.ingest(inside)
      assert.deepEqual(result.rows(), whole.query({ bucket: null, select: ['requests', 'p95_ms'] }).rows())
      assert.deepEqual(coverage.segments.map(({ from }) => from), ['rows', 'hours', 'days', 'hours', 'rows'])
    })

    test('late rows are built by the next refresh, and only they', async () => {
      const late = { ts: new Date('2026-11-02T03:04:05Z'), model: 'late', user_id: 1, ms: 2, ok: true }
      await made.query('INSERT INTO requests VALUES ($1, $2, $3, $4, $5)', Object.values(late))
      assert.equal((await store.check(NOW)).rollups[0].due.length, 1)
      const { rollups } = await store.refresh({ now: NOW })
      assert.deepEqual(rollups.map(({ groups_written }) => groups_written), [1, 1])
      const loaded = await store.load('hours', undefined, '2026-11-03T10:00:00Z')
      assert.equal(loaded.digest(), folded('hours', '1 hour', '2026-11-03T10:00:00Z', [late]).digest())
    })

    test('runs at once wait for each other, and an error leaves the connection usable', async () => {
      const [one, two] = await Promise.all([store.refresh({ now: NOW }), store.check(NOW)])
      assert.equal(one.rollups.length + two.rollups.length, 4)
      await assert.rejects(store.query('weeks', {}), { code: 'refresh.rollup' })
      const broken = openStore({ ...CATALOG, source: { ...CATALOG.source, table: 'nowhere' } }, made.database)
      await assert.rejects(broken.refresh({ now: NOW }), { code: 'store.database' })
      const { rollups } = await store.check(NOW)
      assert.equal(rollups[0].status, 'error')
      await store.refresh({ now: NOW })
      assert.equal((await store.check(NOW)).rollups[0].status, 'fresh')
    })
  })
}

test('what is no database and no catalog is refused with a code', () => {
  assert.throws(() => openStore(CATALOG, {}), { code: 'store.driver' })
  assert.throws(() => openStore({ source: 1 }, { query: async () => ({ rows: [] }) }), (error) => {
    return error instanceof IsofoldError && error.code === 'catalog.invalid' && error.problems.length === 2
  })
})
