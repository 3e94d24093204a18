// What may go wrong while a store works: two at once, connections that are cut, rows that do not fit.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import pg from 'pg'
import { openStore } from '../dist/esm/stores.js'
import { catalog, eachDatabase, filled, folded, insert, NOW, raw, rows, states, WATERMARK } from './databases.mjs'

const SINCE = '2026-11-01'

eachDatabase((kind, fresh) => {
  let made
  let store
  let others
  beforeEach(async () => {
    made = await fresh()
    others = []
    await filled(made)
    store = openStore(catalog(), made.database)
    await store.init()
  })
  afterEach(async () => {
    for (const other of others) await other.end()
    await made.close()
  })

  /** A connection of its own; PGlite has one for all. */
  async function another() {
    if (kind === 'pglite') return made.database
    const client = new pg.Client({ connectionString: made.url })
    await client.connect()
    others.push(client)
    return client
  }

  async function assertRight() {
    const loaded = await openStore(catalog(), await another()).load('hours', undefined, WATERMARK)
    assert.equal(loaded.digest(), folded('hours', '1 hour', WATERMARK, await raw(made)).digest())
  }

  test('refreshers at once wait for each other', async () => {
    const stores = [store, openStore(catalog(), await another()), openStore(catalog(), await another())]
    const reports = await Promise.all(stores.map((each) => each.refresh({ now: NOW, since: SINCE })))
    assert.ok(reports.every(({ rollups }) => rollups.every(({ status }) => status === 'ok')))
    await assertRight()
    const { rollups } = await store.refresh({ now: NOW, since: SINCE })
    assert.deepEqual(rollups.map(({ groups_written }) => groups_written), [0, 0])
  })

  test('a failure at any single statement leaves what was or what should be', async () => {
    await insert(made, [{ ts: new Date('2026-11-03T09:30:00Z'), model: 'late', user_id: 1, ms: 1, ok: true }])
    const plan = catalog()
    for (let after = 1; after < 60; after += 3) {
      const breaking = openStore(plan, failing(made.database, after))
      await assert.rejects(breaking.refresh({ now: NOW, since: SINCE }), { code: 'store.database' })
      if (after % 2 === 0) {
        await store.refresh({ now: NOW })
        await assertRight()
      }
    }
    await store.refresh({ now: NOW })
    await assertRight()
    assert.equal((await store.check(NOW)).rollups[0].status, 'fresh')
  })

  test('a row that does not fit is named, and its window stays as it was', async () => {
    await store.refresh({ now: NOW })
    const before = await states(made, 'hours')
    await made.query('ALTER TABLE requests ALTER user_id TYPE numeric')
    await made.query("INSERT INTO requests VALUES ('2026-11-03T09:00:00Z', 'odd', 0.5, NULL, NULL)")
    const plan = catalog()
    const stopping = openStore({ ...plan, source: { ...plan.source, on_row_error: 'stop' } }, made.database)
    await assert.rejects(stopping.refresh({ now: NOW }), ({ code, path }) => code === 'ingest.type' && /^column\.user_id\[\d+\]$/.test(path))
    assert.deepEqual(await states(made, 'hours'), before)
    const [state] = (await store.check(NOW)).rollups
    assert.ok(state.status === 'error' && state.error.includes('ingest.type'))
    await made.query("DELETE FROM requests WHERE model = 'odd'")
    await store.refresh({ now: NOW })
    assert.deepEqual(await states(made, 'hours'), before)
    assert.equal((await store.check(NOW)).rollups[0].status, 'fresh')
  })

  test('an error of what is told the progress ends the transaction', async () => {
    let steps = 0
    const onProgress = () => {
      if (++steps === 12) throw new Error('enough')
    }
    await assert.rejects(store.refresh({ now: NOW, onProgress }), { message: /enough/ })
    await store.refresh({ now: NOW })
    await assertRight()
  })

  test('a connection that the server ends is an error with a code, and ends no process', { skip: kind === 'pglite' && 'PGlite has no server' }, async () => {
    const executioner = await another()
    const victim = kind === 'pool' ? await made.database.query('SELECT pg_backend_pid() AS pid') : await made.query('SELECT pg_backend_pid() AS pid')
    const [{ pid }] = victim.rows
    let cut
    const onProgress = ({ rows_read }) => {
      if (rows_read > 0) cut ??= executioner.query('SELECT pg_terminate_backend($1)', [pid])
    }
    if (kind === 'client') made.close = async () => {}
    await assert.rejects(store.refresh({ now: NOW, onProgress }), { code: 'store.database' })
    await cut
    const again = openStore(catalog(), kind === 'pool' ? made.database : executioner)
    if (kind === 'client') made.query = (sql, values) => executioner.query(sql, values)
    await again.refresh({ now: NOW })
    await assertRight()
  })

  test('a transaction of somebody else is not taken over', { skip: kind !== 'client' && 'only a client is shared' }, async () => {
    await made.query('BEGIN')
    await assert.rejects(store.check(NOW), { code: 'store.database', message: /inside a transaction/ })
    await made.query('ROLLBACK')
    assert.equal((await store.check(NOW)).rollups[0].status, 'never')
  })
})

/** A database whose statement number `after` fails. */
function failing(database, after) {
  let left = after
  const step = () => {
    if (--left === 0) throw new Error('the connection is cut')
  }
  const wrap = (target, methods) => new Proxy(target, {
    get(target, name) {
      const value = target[name]
      if (typeof value !== 'function') return value
      return methods[name]?.(value.bind(target)) ?? value.bind(target)
    },
  })
  const query = (run) => async (...words) => {
    step()
    return await run(...words)
  }
  const transaction = (run) => async (work) => await run(async (queries) => await work(wrap(queries, { query })))
  const connect = (run) => async () => wrap(await run(), { query })
  return wrap(database, { query, transaction, connect })
}

