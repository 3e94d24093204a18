// A watermark that is set back: rows answer from there on, and the next refresh builds them again.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { openStore } from '../dist/esm/stores.js'
import { catalog, eachDatabase, filled, folded, NOW, raw, states, WATERMARK } from './databases.mjs'

eachDatabase((_, fresh) => {
  let made
  let store
  beforeEach(async () => {
    made = await fresh()
    await filled(made)
    store = openStore(catalog({ changes: 'start_offset' }, { start_offset: '6 hours' }), made.database)
    await store.init()
    await store.refresh({ now: NOW })
  })
  afterEach(async () => await made.close())

  const statuses = async () => (await store.check(NOW)).rollups.map(({ status }) => status)

  test('what nobody logged is built from there', async () => {
    await made.query("DELETE FROM requests WHERE model = 'gpt'")
    const before = await states(made, 'hours')
    const told = await statuses()
    assert.deepEqual(await store.reset(new Date('2026-11-01T00:30:00Z')), {
      reset: [{ name: 'hours', watermark: '2026-11-01T00:00:00Z' }, { name: 'days', watermark: '2026-11-01T00:00:00Z' }],
    })
    assert.deepEqual(await states(made, 'hours'), before)
    assert.deepEqual(await statuses(), ['stale', 'stale'])
    const all = await raw(made)
    const { result } = await store.query('hours', { bucket: null, group_by: [], select: ['requests'] })
    assert.deepEqual(result.rows(), [{ requests: all.length }])
    await store.refresh({ now: NOW })
    assert.equal((await store.load('hours', undefined, WATERMARK)).digest(), folded('hours', '1 hour', WATERMARK, all).digest())
    assert.equal((await store.load('days', undefined, '2026-11-03')).digest(), folded('days', '1 day', '2026-11-03', all).digest())
    assert.deepEqual(await statuses(), told)
  })

  test('what cannot be set back has a code', async () => {
    const told = await statuses()
    for (const [code, to, rollup] of [
      ['range.invalid', NOW.replace('10:30', '11:00'), 'hours'],
      ['range.invalid', '2027-01-01'],
      ['range.invalid', 'soon'],
      ['refresh.rollup', '2026-11-01', 'weeks'],
      ['host.argument', undefined],
    ]) {
      await assert.rejects(store.reset(to, rollup), { code }, `${to} ${rollup}`)
    }
    assert.deepEqual(await statuses(), told)
  })
})
