// A defect of the kernel is an error with a code: the process goes on, and nothing half changed is used.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, afterEach, describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { rows, spec } from './kernels.mjs'

const here = fileURLToPath(new URL('..', import.meta.url))
const addon = `isofold.${process.platform}-${process.arch}.node`
const folder = mkdtempSync(join(tmpdir(), 'isofold-panics-'))
for (const name of ['dist', 'package.json']) cpSync(join(here, name), join(folder, name), { recursive: true })
// tools/faulty-addon.sh makes it: it panics where it is told to
cpSync(join(resolve(here, '../..', process.env.CARGO_TARGET_DIR ?? 'target'), 'isofold-faults', addon), join(folder, 'dist/native', addon))
const { breakAt } = createRequire(import.meta.url)(join(folder, 'dist/native', addon))
const { IsofoldError, Rollup } = await import(pathToFileURL(join(folder, 'dist/esm/native.js')))
// a copy of its own, whose errors are the same
const { openStore } = await import(pathToFileURL(join(folder, 'dist/esm/stores.js')))

after(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => breakAt(''))

function made() {
  const rollup = new Rollup(spec)
  rollup.ingest(rows(100))
  return rollup
}

/** Panics at a place while `work` runs, and gives what it throws. */
async function panicking(place, work) {
  breakAt(place)
  try {
    await work()
  } catch (error) {
    return error
  } finally {
    breakAt('')
  }
  return assert.fail('nothing was thrown')
}

function isPanic(error, what) {
  assert.ok(error instanceof IsofoldError, `${what}: ${error?.stack}`)
  assert.equal(error.code, 'host.panic', what)
}

it('on purpose is not in the package', () => {
  assert.equal(typeof breakAt, 'function')
  assert.equal(createRequire(import.meta.url)(join(here, 'dist/native', addon)).breakAt, undefined)
})

describe('a panic', () => {
  it('in any call is an error, after which the rollup is as it was', async () => {
    const [rollup, other] = [made(), made()]
    const [bytes, digest, stored] = [rollup.encode(), rollup.digest(), rollup.rows()]
    const calls = {
      new: () => new Rollup(spec),
      decode: () => Rollup.decode(bytes),
      fromRows: () => Rollup.fromRows(spec, stored),
      ingest: () => rollup.ingest(rows(10)),
      ingestAsync: () => rollup.ingestAsync(rows(10)),
      coarsen: () => rollup.coarsen({ bucket: '1 day' }),
      slice: () => rollup.slice(),
      rows: () => rollup.rows(),
      encode: () => rollup.encode(),
      encodeAsync: () => rollup.encodeAsync(),
      digest: () => rollup.digest(),
      size: () => rollup.size,
      canonical: () => rollup.canonical,
      spec: () => rollup.spec,
      stats: () => rollup.stats(),
      query: () => rollup.query(),
      queryAsync: () => rollup.queryAsync(),
      merge: () => rollup.merge(other),
      mergeAsync: () => rollup.mergeAsync(bytes),
      prune: () => rollup.prune('2026-01-01'),
      replace: () => rollup.replace(null, null, other),
      free: () => other.free(),
    }
    for (const [name, work] of Object.entries(calls)) {
      const error = await panicking('call', work)
      isPanic(error, name)
      assert.match(error.message, /on purpose/)
    }
    assert.equal(rollup.digest(), digest)
  })

  it('off the thread rejects the promise', async () => {
    const rollup = made()
    const digest = rollup.digest()
    const done = rollup.queryAsync()
    breakAt('call')
    // the job may have run before the place was named
    const outcome = await done.catch((error) => error)
    breakAt('')
    if (outcome instanceof Error) isPanic(outcome, 'queryAsync')
    assert.equal(rollup.digest(), digest)
  })

  it('while rows are folded leaves the rollup as it was, on one thread and on several', async () => {
    for (const threads of [1, 2]) {
      const rollup = made()
      const digest = rollup.digest()
      isPanic(await panicking('fold', () => rollup.ingest(rows(60_000), { threads })), 'ingest')
      isPanic(await panicking('fold', () => rollup.ingestAsync(rows(60_000), { threads })), 'ingestAsync')
      assert.equal(rollup.digest(), digest)
      assert.equal(rollup.ingest(rows(10)), 10)
    }
  })

  it('in the middle of a change leaves no rollup, but says so at every use', async () => {
    const bytes = made().encode()
    const changes = {
      ingest: (rollup) => rollup.ingest(rows(10)),
      merge: (rollup) => rollup.merge(bytes),
      mergeAsync: (rollup) => rollup.mergeAsync(bytes),
    }
    for (const [name, change] of Object.entries(changes)) {
      const rollup = made()
      isPanic(await panicking('change', () => change(rollup)), name)
      for (const use of [() => rollup.query(), () => rollup.encode(), () => rollup.size, () => rollup.ingest(rows(1)), () => made().merge(rollup)]) {
        assert.throws(use, { code: 'host.panic', message: /cannot be used any more/ }, name)
      }
      rollup.free()
      assert.throws(() => rollup.size, { code: 'host.freed' })
    }
  })

  it('while V8 collects a rollup ends no process', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc')
    const uncaught = []
    const note = (error) => uncaught.push(error)
    // made by a function of its own, so that no frame holds them
    await (async () => {
      for (let made = 0; made < 20; made += 1) new Rollup(spec).ingest(rows(10))
    })()
    process.prependListener('uncaughtException', note)
    breakAt('call')
    for (let turn = 0; turn < 5; turn += 1) {
      collect()
      await new Promise((resolve) => setImmediate(resolve))
    }
    breakAt('')
    process.removeListener('uncaughtException', note)
    assert.deepEqual(uncaught, [])
  })

  it('in a store is an error of its run', async () => {
    const { columns, time, ...rest } = spec
    const catalog = { source: { table: 'events', columns, time }, rollups: [{ spec: rest }] }
    const store = openStore(catalog, { query: async () => ({ rows: [] }) })
    for (const work of [() => store.check(), () => store.rollups, () => store.schedule(), () => store.limitMemory(0), () => store.query('requests')]) {
      isPanic(await panicking('call', work), String(work))
    }
    assert.deepEqual(store.rollups, ['requests'])
  })
})
