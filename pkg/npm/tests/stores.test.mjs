// Stores on PGlite, and on PostgreSQL where ISOFOLD_POSTGRES is: the tables are what the rows fold to.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import * as entry from '../dist/esm/stores.js'
import { catalog, COLUMNS, eachDatabase, filled, folded, NOW, rows, spec, START, WATERMARK } from './databases.mjs'

const { IsofoldError, openStore, Rollup, Store } = entry
const CATALOG = catalog()

eachDatabase((kind, fresh) => {
  let made
  let store

  before(async () => {
    made = await fresh()
    await filled(made)
    store = openStore(CATALOG, made.database)
  })
  after(async () => await made.close())

  test('the tables are what the rows fold to, and a second refresh writes nothing', async () => {
    await assert.rejects(store.refresh({ now: NOW }), { code: 'store.table' })
    const { rollups } = await store.init()
    assert.deepEqual(rollups.map(({ status }) => status), ['made', 'made'])
    const unbuilt = await store.load('hours', undefined, WATERMARK)
    assert.equal(unbuilt.digest(), folded('hours', '1 hour', WATERMARK, rows).digest())
    const seen = []
    const first = await store.refresh({ now: NOW, onProgress: ({ rollup }) => seen.push(rollup) })
    assert.deepEqual(first.rollups.map(({ name, status }) => [name, status]), [['hours', 'ok'], ['days', 'ok']])
    assert.ok(first.rollups[0].groups_written > 100 && seen.includes('days'))
    const loaded = await store.load('hours', undefined, WATERMARK)
    assert.equal(loaded.digest(), folded('hours', '1 hour', WATERMARK, rows).digest())
    const days = await store.load('days', undefined, '2026-11-03')
    assert.equal(days.digest(), folded('days', '1 day', '2026-11-03', rows).digest())
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

  test('a range is moved onto edges where the query says so, as in memory', async () => {
    const held = folded('hours', '1 hour', undefined, rows)
    for (const align of ['outer', 'inner']) {
      const query = { start: '2026-11-01T05:30:00Z', end: '2026-11-03T08:30:00Z', align, select: ['requests', 'p95_ms'] }
      assert.deepEqual((await store.query('hours', query)).result.rows(), held.query(query).rows())
    }
  })

  test('an answer tells what of it changed and is not built, and what was left out', async () => {
    const query = { start: '2026-11-01', end: NOW }
    const whole = (await store.query('hours', query)).coverage
    assert.deepEqual([whole.stale, whole.lost, whole.left_out], [[], [], []])
    await made.query("INSERT INTO requests VALUES ('2026-11-02T03:04:05Z', 'late', 1, 2, true)")
    const { coverage } = await store.query('hours', query, { tail: false })
    assert.deepEqual(coverage.stale, [{ start: '2026-11-02T03:00:00Z', end: '2026-11-02T04:00:00Z' }])
    assert.deepEqual(coverage.left_out, [{ start: WATERMARK, end: NOW }])
    await made.query("DELETE FROM requests WHERE model = 'late'")
    await store.refresh({ now: NOW })
    assert.deepEqual((await store.query('hours', query)).coverage.stale, [])
  })

  test('the time is that of the database unless it is told', { skip: kind === 'pool' && 'a pool has many sessions' }, async () => {
    const { rows: [{ schema, path }] } = await made.query("SELECT current_schema() AS schema, current_setting('search_path') AS path")
    await made.query(`CREATE FUNCTION "${schema}".clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT timestamptz '${NOW}' $$`)
    // a function of the database's own comes after ours
    await made.query(`SET search_path TO "${schema}", pg_catalog`)
    try {
      const [{ now, rollups }, checked] = [await store.refresh(), await store.check()]
      assert.deepEqual([now, rollups[0].watermark, checked.now], [NOW, WATERMARK, NOW])
      assert.deepEqual((await store.due()).map(({ due_in_ms }) => due_in_ms), [3_600_000, 60_000])
      const runs = await store.runs('hours')
      assert.ok(runs.some(({ started_at, ended_at }) => started_at === NOW && ended_at === NOW))
      assert.equal((await store.check('2026-11-03T08:30:00Z')).now, '2026-11-03T08:30:00Z')
    } finally {
      await made.query(`SET search_path TO ${path}`)
      await made.query(`DROP FUNCTION "${schema}".clock_timestamp()`)
    }
  })

  test('late rows are built by the next refresh, and only they', async () => {
    const late = { ts: new Date('2026-11-02T03:04:05Z'), model: 'late', user_id: 1, ms: 2, ok: true }
    await made.query('INSERT INTO requests VALUES ($1, $2, $3, $4, $5)', Object.values(late))
    assert.equal((await store.check(NOW)).rollups[0].due.length, 1)
    const { rollups } = await store.refresh({ now: NOW })
    assert.deepEqual(rollups.map(({ groups_written }) => groups_written), [1, 1])
    const loaded = await store.load('hours', undefined, WATERMARK)
    assert.equal(loaded.digest(), folded('hours', '1 hour', WATERMARK, [...rows, late]).digest())
  })

  test('runs at once leave each other alone, and an error leaves the connection usable', async () => {
    const [one, two] = await Promise.all([store.refresh({ now: NOW }), store.check(NOW)])
    assert.equal(one.rollups.length + two.rollups.length, 4)
    await assert.rejects(store.query('weeks', {}), { code: 'refresh.rollup' })
    const broken = openStore({ ...CATALOG, source: { ...CATALOG.source, table: 'nowhere' } }, made.database)
    await assert.rejects(broken.refresh({ now: NOW }), { code: 'store.table' })
    await made.query('ALTER TABLE requests RENAME TO away')
    await assert.rejects(store.refresh({ now: NOW }), { code: 'store.database' })
    await made.query('ALTER TABLE away RENAME TO requests')
    const { rollups } = await store.check(NOW)
    assert.equal(rollups[0].status, 'error')
    await store.refresh({ now: NOW })
    assert.equal((await store.check(NOW)).rollups[0].status, 'fresh')
  })

  test('a query that has been asked before is three trips to the server', { skip: kind !== 'client' && 'a client counts for all' }, async () => {
    const query = { bucket: null, start: '2026-11-01', end: NOW }
    const before = await store.query('hours', query)
    const trips = []
    const run = made.database.query
    made.database.query = (...words) => {
      trips.push(words[0].text)
      return run.apply(made.database, words)
    }
    const again = await store.query('hours', query).finally(() => (made.database.query = run))
    assert.deepEqual(again.result.rows(), before.result.rows())
    assert.equal(trips.length, 3, trips.join('\n'))
  })
})

test('what is no database and no catalog is refused with a code', () => {
  assert.throws(() => openStore(CATALOG, {}), { code: 'store.driver' })
  assert.throws(() => openStore({ source: 1 }, { query: async () => ({ rows: [] }) }), (error) => {
    return error instanceof IsofoldError && error.code === 'catalog.invalid' && error.problems.length === 2
  })
})

test('the operations are those of the one list of names', () => {
  const { stores } = JSON.parse(readFileSync(new URL('../../../bindings/facade/api.json', import.meta.url), 'utf8'))
  const listed = stores.classes[0].members.map(({ js }) => js).filter((js) => js !== null)
  const found = Object.getOwnPropertyNames(Store.prototype).filter((name) => name !== 'constructor')
  assert.deepEqual(found.toSorted(), listed.toSorted())
  for (const { js } of stores.functions) assert.equal(typeof entry[js], 'function')
})
