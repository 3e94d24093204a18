// Late data: inserts, updates and deletes, inside and outside the window, known by trigger, by hand or not at all.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { openStore } from '../dist/esm/stores.js'
import { catalog, eachDatabase, filled, folded, insert, NOW, raw, rows, states, WATERMARK } from './databases.mjs'

const HOUR = 3_600_000
const PLACES = { inside: Date.parse(WATERMARK) - 3 * HOUR, outside: Date.parse('2026-11-01T05:00:00Z') }
const iso = (ms) => new Date(ms).toISOString().replace('.000', '')

const CHANGES = {
  insert: async (made, at) => await insert(made, [{ ts: new Date(at), model: 'late', user_id: 1, ms: 5, ok: true }]),
  update: async (made, at) => await made.query('UPDATE requests SET ms = 1 WHERE ts >= $1 AND ts < $2', [new Date(at), new Date(at + HOUR)]),
  delete: async (made, at) => await made.query('DELETE FROM requests WHERE ts >= $1 AND ts < $2', [new Date(at), new Date(at + HOUR)]),
}

eachDatabase((_, fresh) => {
  let made
  before(async () => (made = await fresh()))
  beforeEach(async () => {
    await made.query('DROP TABLE IF EXISTS requests, hours, days, isofold_rollups, isofold_schemas, isofold_changes')
    await filled(made)
  })
  after(async () => await made.close())

  async function isRight(store) {
    const all = await raw(made)
    const [hours, days] = [await store.load('hours', undefined, WATERMARK), await store.load('days', undefined, '2026-11-03')]
    return hours.digest() === folded('hours', '1 hour', WATERMARK, all).digest() && days.digest() === folded('days', '1 day', '2026-11-03', all).digest()
  }

  for (const way of ['trigger', 'invalidate', 'start_offset']) {
    for (const [place, at] of Object.entries(PLACES)) {
      for (const [kind, change] of Object.entries(CHANGES)) {
        test(`${way}: ${kind} ${place}`, async () => {
          const changes = way === 'trigger' ? 'trigger' : 'start_offset'
          const store = openStore(catalog({ changes }, { start_offset: '6 hours' }), made.database)
          await store.init()
          await store.refresh({ now: NOW })
          const before = await states(made, 'hours')
          await change(made, at)
          if (way === 'invalidate') await store.invalidate(new Date(at), new Date(at + HOUR))
          const [state] = (await store.check(NOW)).rollups
          // what nobody tells of cannot be shown, and so nothing there is said to be fresh
          const isKnown = way !== 'start_offset'
          assert.deepEqual(state.stale, isKnown ? [{ start: iso(at), end: iso(at + HOUR) }] : [])
          assert.equal(state.status, isKnown ? 'stale' : 'unwatched')
          await store.refresh({ now: NOW })
          if (place !== 'inside' && !isKnown) {
            assert.deepEqual(await states(made, 'hours'), before)
            await store.refresh({ since: new Date(rows[0].ts), now: NOW })
          }
          assert.ok(await isRight(store))
          const { status, unwatched } = (await store.check(NOW)).rollups[0]
          assert.equal(status, way === 'trigger' ? 'fresh' : 'unwatched')
          assert.deepEqual(unwatched, way === 'trigger' ? [] : [{ start: '2026-11-01T00:00:00Z', end: '2026-11-03T04:00:00Z' }])
          const again = await store.refresh({ since: new Date(rows[0].ts), now: NOW })
          assert.deepEqual(again.rollups.map(({ groups_written }) => groups_written), [0, 0])
        })
      }
    }
  }
})
