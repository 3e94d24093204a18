// Sums past int64: the cell is NULL and told, the state stays exact, and nothing fails.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStore, Rollup } from '../dist/esm/stores.js'
import { eachDatabase, NOW } from './databases.mjs'

const COLUMNS = { ts: 'timestamp', k: 'string', big: 'int64' }
const SUMS = { name: 'sums', bucket: '1 hour', group_by: ['k'], select: { n: 'count(*)', total: 'sum(big)', mean: 'avg(big)' } }
const DAYS = { name: 'days', bucket: '1 day', select: { total: 'sum(big)' } }
const BIG = 2n ** 62n
const row = (ts, k, big) => ({ ts: `2026-11-02T${ts}:00Z`, k, big })
const ROWS = [
  row('08:00', 'much', BIG), row('08:01', 'much', BIG), row('08:02', 'much', BIG), row('08:09', 'little', 5n),
  row('09:00', 'much', BIG), row('09:01', 'little', -7n),
]
const QUERIES = [
  {},
  { bucket: null, group_by: [] },
  { having: 'total > 0', select: ['total'] },
  { having: 'total is null', select: ['n', 'total'] },
  { gapfill: { total: 'locf' }, select: ['total'], start: '2026-11-02T07:00:00Z', end: '2026-11-02T12:00:00Z' },
]

eachDatabase((_, fresh) => {
  let made
  let store
  const whole = new Rollup({ columns: COLUMNS, time: 'ts', ...SUMS })
  whole.ingest(ROWS)
  before(async () => {
    made = await fresh()
    await made.query('CREATE TABLE events (ts timestamptz, k text, big bigint)')
    for (const { ts, k, big } of ROWS) await made.query('INSERT INTO events VALUES ($1, $2, $3::text::bigint)', [ts, k, String(big)])
    const source = { table: 'events', columns: COLUMNS, time: 'ts', changes: 'trigger' }
    store = openStore({ source, rollups: [{ spec: SUMS }, { spec: DAYS, from: 'sums' }] }, made.database)
    await store.init()
  })
  after(async () => await made.close())

  const agree = async () => {
    for (const query of QUERIES) {
      const { result } = await store.query('sums', query)
      const wanted = whole.query(query)
      assert.deepEqual(result.rows(), wanted.rows())
      assert.deepEqual(result.warnings, wanted.warnings)
      assert.equal(result.warnings[0].code, 'query.overflow')
      assert.equal(result.warnings[0].metric, 'total')
    }
  }

  test('answers from rows name code, metric, bucket and key', agree)

  test('a refresh keeps the exact state, and NULL in the column', async () => {
    const report = await store.refresh({ now: NOW })
    assert.deepEqual(report.rollups.map(({ status }) => status), ['ok', 'ok'])
    assert.equal((await store.load('sums')).digest(), whole.digest())
    const { rows } = await made.query('SELECT k, total::text AS total FROM sums ORDER BY bucket, k')
    assert.deepEqual(rows.map(({ k, total }) => [k, total]), [['little', '5'], ['much', null], ['little', '-7'], ['much', String(BIG)]])
    assert.deepEqual((await store.check(NOW)).rollups.map(({ status }) => status), ['fresh', 'fresh'])
  })

  test('answers from stored groups say the same', async () => {
    await agree()
    const [warning] = (await store.query('sums')).result.warnings
    assert.deepEqual(warning.key, { k: 'much' })
    const { result } = await store.query('sums', { bucket: null, group_by: [], select: [{ nearest: 'cast(sum(big) as float64)' }] })
    assert.deepEqual([result.rows(), result.warnings], [[{ nearest: 2 ** 64 }], []])
  })
})
