// What an operator relies on, on PGlite and PostgreSQL: init changes what differs, failures stay alone, nothing is left behind.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStore } from '../dist/esm/stores.js'
import { catalog, eachDatabase, filled, NOW, SELECT, states } from './databases.mjs'

const OVERFLOW = 'sum(user_id * user_id * 9200000000000)'
const withSelect = (extra) => {
  const plan = catalog()
  plan.rollups = plan.rollups.slice(0, 1)
  plan.rollups[0] = { ...plan.rollups[0], spec: { ...plan.rollups[0].spec, select: { ...SELECT, ...extra } } }
  return plan
}
const THINGS = `SELECT relname::text || ' ' || c.xmin::text AS thing FROM pg_class AS c WHERE relnamespace = current_schema()::regnamespace
  UNION SELECT proname || ' ' || p.xmin::text FROM pg_proc AS p WHERE pronamespace = current_schema()::regnamespace
  UNION SELECT tgname || ' ' || t.xmin::text FROM pg_trigger AS t
    WHERE NOT tgisinternal AND tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace) ORDER BY 1`

eachDatabase((kind, fresh) => {
  let made
  const things = async () => (await made.query(THINGS)).rows.map(({ thing }) => thing)

  before(async () => {
    made = await fresh()
    await filled(made)
  })
  after(async () => await made.close())

  test('init of an unchanged catalog changes nothing', async () => {
    await openStore(withSelect(), made.database).init()
    const before = await things()
    const { rollups } = await openStore(withSelect(), made.database).init()
    assert.deepEqual(rollups.map(({ name, status, added }) => [name, status, added]), [['hours', 'there', []]])
    assert.deepEqual(await things(), before)
  })

  test('a metric of another type is filled, and a process with the catalog of before writes no more', async () => {
    const old = openStore(withSelect({ total: 'count(ms)' }), made.database)
    await old.init()
    await old.refresh({ now: NOW })
    const store = openStore(withSelect({ total: 'avg(ms)' }), made.database)
    assert.deepEqual((await store.init()).rollups[0].added, ['total'])
    const { rows } = await made.query('SELECT sum(total) AS total FROM hours')
    const whole = await store.query('hours', { select: ['total'], end: '2026-11-03T10:00:00Z' })
    const right = whole.result.rows().reduce((sum, { total }) => sum + (total ?? 0), 0)
    assert.ok(Math.abs(rows[0].total - right) < 1e-6)
    await assert.rejects(old.refresh({ now: NOW }), { code: 'store.version' })
    assert.equal((await store.check(NOW)).rollups[0].status, 'fresh')
  })

  test('a rollup that fails stops no other', async () => {
    const plan = withSelect({ total: 'avg(ms)' })
    const spec = { name: 'squares', bucket: '1 hour', select: { total: OVERFLOW } }
    const store = openStore({ ...plan, rollups: [{ spec }, ...plan.rollups] }, made.database)
    await store.init()
    await made.query("INSERT INTO requests VALUES ('2026-11-01T05:10:00Z', 'late', 1012, 1, true)")
    await assert.rejects(store.refresh({ now: NOW }), ({ code, problems }) => code === 'expr.overflow' && problems.length === 1)
    const { rows } = await made.query("SELECT requests::int AS n FROM hours WHERE model = 'late'")
    assert.deepEqual(rows, [{ n: 1 }])
    assert.deepEqual((await store.check(NOW)).rollups.map(({ status }) => status), ['error', 'fresh'])
  })

  test('a writer is stopped by no table that is gone, and drop leaves nothing behind', async () => {
    const store = openStore(withSelect({ total: 'avg(ms)' }), made.database)
    await store.init()
    const kept = await states(made, 'hours')
    await made.query('DROP TABLE isofold_changes')
    await made.query("INSERT INTO requests VALUES ('2026-11-01T05:20:00Z', 'later', 1, 1, true)")
    await openStore({ ...withSelect(), rollups: [{ spec: { name: 'squares', bucket: '1 hour', select: { total: OVERFLOW } } }] }, made.database).drop(true)
    assert.deepEqual(await store.drop(), { dropped: [], kept: ['hours'] })
    assert.deepEqual(await states(made, 'hours'), kept)
    assert.deepEqual((await things()).filter((thing) => /isofold_(?:log|changes|rollups|schemas|version)/.test(thing)), [])
    await made.query("INSERT INTO requests VALUES ('2026-11-01T05:30:00Z', 'latest', 1, 1, true)")
    await assert.rejects(store.check(NOW), { code: 'store.table' })
  })
})
