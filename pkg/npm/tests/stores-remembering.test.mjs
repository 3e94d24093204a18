// What a store keeps of what queries read never changes an answer, and is for nobody who may not read it.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { openStore } from '../dist/esm/stores.js'
import { catalog, eachDatabase, filled, insert, NOW, START } from './databases.mjs'

const HOUR = 3_600_000
const QUERIES = [
  { bucket: null, select: ['requests', 'p95_ms', 'users'] },
  { bucket: '1 day', start: '2026-11-01T05:30:00Z', end: NOW },
  { bucket: '1 hour', group_by: [], start: '2026-11-01T07:00:00Z', end: '2026-11-03T08:00:00Z' },
]

async function answers(store) {
  const found = []
  for (const query of QUERIES) {
    const { result, coverage } = await store.query('hours', query)
    found.push([result.rows(), coverage])
  }
  return found
}

eachDatabase((kind, fresh) => {
  let made
  before(async () => (made = await fresh()))
  beforeEach(async () => {
    await made.query('DROP TABLE IF EXISTS requests, hours, days, isofold_rollups, isofold_schemas, isofold_changes')
    await filled(made)
  })
  after(async () => await made.close())

  test('answers are those of a store that remembers nothing', async () => {
    const [remembering, small, forgetful] = [1, 2, 3].map(() => openStore(catalog(), made.database))
    small.limitMemory(20_000)
    forgetful.limitMemory(0)
    await forgetful.init()
    for (let step = 0; step < 9; step++) {
      const at = new Date(START + ((step * 13) % 55) * HOUR)
      if (step % 3 === 0) await insert(made, [{ ts: at, model: 'late', user_id: step, ms: 5, ok: true }])
      else if (step % 3 === 1) await (step % 2 === 1 ? forgetful : remembering).refresh({ now: NOW })
      else await made.query('DELETE FROM requests WHERE ts >= $1 AND ts < $2', [at, new Date(at.getTime() + HOUR)])
      const wanted = await answers(forgetful)
      assert.deepEqual(await answers(remembering), wanted)
      assert.deepEqual(await answers(small), wanted)
    }
  })

  test('a session that may see less is answered with less, by the same store', { skip: kind === 'pool' ? 'sessions of a pool change' : false }, async () => {
    const store = openStore(catalog(), made.database)
    await store.init()
    await store.refresh({ now: NOW })
    const role = `reader_${Math.random().toString(36).slice(2)}`
    const schema = (await made.query('SELECT current_schema() AS name')).rows[0].name
    await made.query(`CREATE ROLE ${role}`)
    try {
      await made.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`)
      await made.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${schema} TO ${role}`)
      for (const table of ['requests', 'hours', 'days']) {
        await made.query(`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`)
        await made.query(`CREATE POLICY own ON ${table} FOR SELECT TO ${role} USING (model = 'gpt')`)
      }
      const all = await answers(store)
      await made.query(`SET ROLE ${role}`)
      const own = await answers(store)
      assert.deepEqual(own[0][0].map(({ model }) => model), ['gpt'])
      assert.deepEqual(own[0][0], all[0][0].filter(({ model }) => model === 'gpt'))
      await made.query('RESET ROLE')
      assert.deepEqual(await answers(store), all)
      for (const table of ['hours', 'days']) {
        await made.query(`ALTER TABLE ${table} DISABLE ROW LEVEL SECURITY`)
        await made.query(`REVOKE SELECT ON ${table} FROM ${role}`)
      }
      await made.query(`SET ROLE ${role}`)
      await assert.rejects(answers(store), { code: 'store.database', message: /permission denied/ })
    } finally {
      await made.query('RESET ROLE')
      await made.query('DROP TABLE requests, hours, days, isofold_rollups, isofold_schemas, isofold_changes')
      await made.query(`DROP OWNED BY ${role}`)
      await made.query(`DROP ROLE ${role}`)
    }
  })

  test('a limit is a whole number', () => {
    for (const maxBytes of [-1, 1.5, Number.NaN, 2 ** 60, '1', null, undefined]) {
      assert.throws(() => openStore(catalog(), made.database).limitMemory(maxBytes), { code: 'host.argument', path: 'maxBytes' })
    }
  })
})
