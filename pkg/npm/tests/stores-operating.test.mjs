// What an operator asks, on PGlite and PostgreSQL: what would be done, what was done, which rows are left out, and answers without the rows.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStore } from '../dist/esm/stores.js'
import { catalog, eachDatabase, filled, NOW, states, WATERMARK } from './databases.mjs'

eachDatabase((kind, fresh) => {
  let made
  let store
  before(async () => {
    made = await fresh()
    await filled(made)
    await made.query('ALTER TABLE requests ALTER user_id TYPE numeric')
    store = openStore(catalog(), made.database)
  })
  after(async () => await made.close())

  test('what would be done is told and not done', async () => {
    const told = await store.init({ dryRun: true })
    assert.deepEqual(told.rollups.map(({ status }) => status), ['made', 'made'])
    await assert.rejects(store.check(NOW), { code: 'store.table' })
    assert.equal((await store.init()).statements.length, told.statements.length)
    assert.deepEqual((await store.init({ dryRun: true })).statements, [])
    await assert.rejects(store.init({ dry_run: true }), { code: 'host.argument', path: 'dry_run' })
    await assert.rejects(store.init({ dryRun: 'yes' }), { code: 'host.argument' })
    const until = '2026-11-02T05:30:00Z'
    const [plan] = (await store.plan({ now: NOW, until })).rollups
    const [done] = (await store.refresh({ now: NOW, until })).rollups
    assert.deepEqual([plan.watermark, plan.rows_to_read], [done.watermark, done.rows_read])
    assert.equal(done.watermark, '2026-11-02T05:00:00Z')
    await store.refresh({ now: NOW })
  })

  test('a row that does not fit is left out and counted', async () => {
    const before = await states(made, 'hours')
    for (const ts of ['2026-11-03T09:00:00Z', 'infinity', '-infinity', '0044-03-15 BC', '20000-01-01']) {
      await made.query(`INSERT INTO requests VALUES ('${ts}', 'odd', 0.5, NULL, NULL)`)
    }
    const [hours] = (await store.refresh({ now: NOW })).rollups
    assert.deepEqual([hours.rows_skipped, hours.groups_written], [5, 0])
    assert.deepEqual(await states(made, 'hours'), before)
    const [{ status, skipped }] = (await store.check(NOW)).rollups
    assert.deepEqual(
      [status, ...skipped.map(({ code, path, rows, first_bucket }) => [code, path, rows, first_bucket])],
      ['fresh', ['ingest.time', 'column.ts', 4, null], ['ingest.type', 'column.user_id', 1, '2026-11-03T09:00:00Z']],
    )
    await made.query("DELETE FROM requests WHERE model = 'odd'")
    await store.refresh({ now: NOW })
    assert.deepEqual((await store.check(NOW)).rollups[0].skipped, [])
  })

  test('refreshes are kept, and what waits for its schedule is pending', async () => {
    const runs = await store.runs('hours', { limit: 2 })
    assert.deepEqual(runs.map(({ rollup, error }) => [rollup, error]), [['hours', null], ['hours', null]])
    assert.ok(runs[0].started_at >= runs[1].ended_at)
    await assert.rejects(store.runs('none'), { code: 'refresh.rollup' })
    await made.query("INSERT INTO requests VALUES ('2026-11-01T05:10:00Z', 'late', 1, 1, true)")
    const pending = async (now) => (await store.check(now)).rollups.map((each) => [each.status, each.pending])[0]
    assert.deepEqual(await pending(NOW), ['stale', true])
    assert.deepEqual(await pending('2026-11-03T20:00:00Z'), ['stale', false])
    await store.refresh({ now: NOW })
  })

  test('stored groups answer without the rows', async () => {
    await made.query('ALTER TABLE requests RENAME TO away')
    const query = { bucket: null, group_by: [], select: ['requests'] }
    await assert.rejects(store.query('hours', query), { code: 'store.database' })
    const { result, coverage } = await store.query('hours', query, { tail: false })
    const whole = (await made.query(`SELECT count(*)::int AS n FROM away WHERE ts < '${WATERMARK}'`)).rows[0].n
    assert.deepEqual(result.rows(), [{ requests: whole }])
    assert.deepEqual(coverage.missing, [{ start: WATERMARK, end: null }])
    assert.equal((await store.load('hours', undefined, undefined, { tail: false })).stats().rows, whole)
    await made.query('ALTER TABLE away RENAME TO requests')
  })

  test('what is told the progress may end a refresh, and no failure is noted', async () => {
    const ended = new RangeError('enough')
    const onProgress = () => {
      throw ended
    }
    await assert.rejects(store.refresh({ now: NOW, since: '2026-11-01', onProgress }), (error) => error === ended)
    assert.equal((await store.check(NOW)).rollups[0].error, null)
  })
})
