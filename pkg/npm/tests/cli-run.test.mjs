// `isofold run` goes on: past what fails, past a lost connection, and ends between two windows when it is told to.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { openStore } from '../dist/esm/stores.js'

const CLI = fileURLToPath(new URL('../dist/esm/cli.js', import.meta.url))
const server = process.env.ISOFOLD_POSTGRES
const skip = server === undefined ? 'ISOFOLD_POSTGRES is not set' : false
const folder = mkdtempSync(join(tmpdir(), 'isofold-run-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const plan = (every) => {
  const each = (name, total) => ({ spec: { name, bucket: '1 minute', select: { n: 'count(*)', total } }, refresh: { schedule_interval: every } })
  const columns = { ts: 'timestamp', user_id: 'int64' }
  return { source: { table: 'requests', columns, time: 'ts', changes: 'trigger' }, rollups: [each('squares', 'sum(user_id * user_id * 10)'), each('minutes', 'count(user_id)')] }
}

/** A schema of its own, with rows of an hour ago. */
async function made(catalog) {
  const schema = `run_${process.pid}_${Math.trunc(performance.now() * 1000)}`
  const client = new pg.Client({ connectionString: server, options: `-csearch_path=${schema}`, application_name: 'rows' })
  await client.connect()
  await client.query(`CREATE SCHEMA ${schema}; CREATE TABLE requests (ts timestamptz, user_id bigint)`)
  await client.query("INSERT INTO requests SELECT now() - interval '1 hour' + i * interval '1 minute', 1 FROM generate_series(1, 3) AS i")
  await openStore(catalog, client).init()
  const url = `${server}?options=-csearch_path%3D${schema}`
  const sum = async () => Number((await client.query('SELECT coalesce(sum(n), 0) AS n FROM minutes')).rows[0].n)
  return { client, url, sum }
}

function running(catalog, database) {
  const path = join(folder, `${Math.trunc(performance.now() * 1000)}.json`)
  writeFileSync(path, JSON.stringify(catalog))
  const child = spawn(process.execPath, [CLI, 'run', '--catalog', path, '--database', database])
  let told = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (told += text))
  return { child, exit: once(child, 'exit'), told: () => told }
}

async function until(condition, seconds = 30) {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await pause(100)) if (await condition()) return true
  return await condition()
}

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`a lost connection is made again, and ${signal} ends it`, { skip }, async () => {
    const catalog = plan('1 second')
    const { client, url, sum } = await made(catalog)
    const { child, exit, told } = running(catalog, url)
    try {
      assert.ok(await until(async () => (await sum()) === 3), told())
      await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name <> 'rows' AND query LIKE '%isofold%'")
      await client.query("INSERT INTO requests VALUES (now() - interval '30 minutes', 1)")
      assert.ok(await until(async () => (await sum()) === 4), told())
      assert.equal(child.exitCode, null)
      child.kill(signal)
      assert.deepEqual(await exit, [0, null], told())
      assert.match(told(), /^\d{4}-\d\d-\d\dT/m)
    } finally {
      child.kill('SIGKILL')
      await client.end()
    }
  })
}

test('what fails is tried again later, and the others go on', { skip }, async () => {
  const catalog = plan('1 hour')
  const { client, url, sum } = await made(catalog)
  await client.query('UPDATE requests SET user_id = 2000000000')
  const { child, exit, told } = running(catalog, url)
  try {
    assert.ok(await until(async () => (await sum()) === 3), told())
    await pause(2500)
    assert.equal(child.exitCode, null)
    child.kill('SIGTERM')
    assert.deepEqual(await exit, [0, null], told())
    const times = told().match(/isofold: \d{4}-\d\d-\d\dT[\d:]+Z expr\.overflow/g)?.length
    assert.ok(times >= 1 && times <= 3, told())
    assert.equal((await client.query('SELECT count(*)::int AS n FROM isofold_runs WHERE error IS NOT NULL')).rows[0].n, times)
  } finally {
    child.kill('SIGKILL')
    await client.end()
  }
})

test('it runs on PGlite, and ends when it is told to', async () => {
  const catalog = plan('1 second')
  const place = join(folder, 'database')
  const database = new PGlite(place)
  await database.query('CREATE TABLE requests (ts timestamptz, user_id bigint)')
  await database.query("INSERT INTO requests SELECT now() - interval '1 hour', 1")
  await openStore(catalog, database).init()
  await database.close()
  const { child, exit, told } = running(catalog, `pglite:${place}`)
  assert.ok(await until(() => /minutes/.test(told())), told())
  child.kill('SIGTERM')
  assert.deepEqual(await exit, [0, null], told())
  const again = new PGlite(place)
  assert.equal((await again.query('SELECT sum(n)::int AS n FROM minutes')).rows[0].n, 1)
  await again.close()
})

test('a refresh that refuses windows ends with 3', { skip }, async () => {
  const catalog = plan('1 hour')
  const { client, url } = await made(catalog)
  const store = openStore(catalog, client)
  await store.refresh()
  await client.query('DELETE FROM requests WHERE ts = (SELECT min(ts) FROM requests)')
  const path = join(folder, 'refused.json')
  writeFileSync(path, JSON.stringify(catalog))
  const child = spawn(process.execPath, [CLI, 'refresh', '--catalog', path, '--database', url], { stdio: 'ignore' })
  assert.deepEqual(await once(child, 'exit'), [3, null])
  await client.end()
})
