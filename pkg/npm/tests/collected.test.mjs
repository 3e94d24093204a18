// Memory outside of V8's heap: what a program drops is given back, also in a loop that never makes a turn.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { kernels, rows, spec } from './kernels.mjs'

const entry = new URL('../dist/esm/native.js', import.meta.url).href

/** Runs a program with a rollup of 30,000 groups and its bytes, and gives how many rollups' memory it held at most. */
function held(program) {
  const source = `
    const { Rollup } = await import(${JSON.stringify(entry)})
    const spec = { name: 'r', columns: { ts: 'timestamp[us]', k: 'int64', x: 'float64' }, time: 'ts', bucket: '1 hour', group_by: ['k'], select: { n: 'count(*)', s: 'sum(x)', p: 'approx_percentile(0.95, percentile_agg(x))' } }
    const N = 30000
    const data = { ts: new BigInt64Array(N), k: BigInt64Array.from({ length: N }, (_, i) => BigInt(i)), x: Float64Array.from({ length: N }, (_, i) => i) }
    const made = () => { const rollup = new Rollup(spec); rollup.ingest(data, { threads: 1 }); return rollup }
    const rollup = made()
    const bytes = rollup.encode()
    // what a first round needs is not counted
    Rollup.decode(bytes).query()
    const before = process.memoryUsage().rss
    let most = 0
    const round = () => { most = Math.max(most, process.memoryUsage().rss) }
    ${program}
    console.log((most - before) / rollup.stats().memory_bytes)`
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' })
  assert.equal(status, 0, `${signal} ${stderr}`)
  return Number(stdout)
}

describe('memory of what is dropped, native', () => {
  const loop = (work, turn = '') => `for (let i = 0; i < 150; i++) { ${work}; round(); ${turn} }`
  const verbs = {
    ingest: 'made()',
    decode: 'Rollup.decode(bytes)',
    coarsen: "rollup.coarsen({ bucket: '1 day' })",
    slice: 'rollup.slice()',
    merge: 'new Rollup(spec).merge(rollup)',
    replace: 'rollup.slice().replace(null, null, bytes)',
  }
  for (const [verb, work] of Object.entries(verbs)) {
    it(`is given back in a loop without turns: ${verb}`, () => {
      const most = held(loop(work))
      assert.ok(most < 40, `that of ${most} rollups was held at once, of 150`)
    })
  }

  it('is given back in a loop with turns, of asynchronous verbs too', () => {
    const work = 'const other = new Rollup(spec); await other.ingestAsync(data); await other.mergeAsync(bytes)'
    for (const program of [loop(verbs.decode, 'await new Promise(setImmediate)'), loop(work)]) {
      const most = held(program)
      assert.ok(most < 60, `that of ${most} rollups was held at once, of 150`)
    }
  })

  it('is given back of bytes and results too', () => {
    for (const work of ['for (let j = 0; j < 5; j++) rollup.encode()', 'rollup.query()', 'rollup.rows()']) {
      const most = held(loop(work))
      assert.ok(most < 40, `${work}: that of ${most} rollups was held at once`)
    }
  })

  it('is given back at once by free', () => {
    const most = held(loop('made().free()'))
    assert.ok(most < 10, `that of ${most} rollups was held at once, of 150`)
  })

  it('is not given back of what is in use', async () => {
    const { Rollup } = kernels.native
    const whole = new Rollup(spec)
    whole.ingest(rows(500))
    const bytes = whole.encode()
    const [digest, kept] = [whole.digest(), []]
    const merges = []
    for (let i = 0; i < 2000; i++) {
      const rollup = Rollup.decode(bytes)
      if (i % 100 === 0) kept.push(rollup)
      // the promise is all that is left of this one
      if (i % 100 === 1) merges.push(new Rollup(spec).mergeAsync(bytes))
      if (i % 100 === 2) merges.push(Rollup.decode(bytes).encodeAsync().then((again) => assert.deepEqual(again, bytes)))
    }
    await Promise.all(merges)
    for (const rollup of kept) assert.equal(rollup.digest(), digest)
  })

  it('is given back where threads of the program end', async () => {
    const source = `
      const { parentPort, workerData } = require('node:worker_threads')
      import(${JSON.stringify(entry)}).then(({ Rollup }) => {
        const kept = []
        for (let i = 0; i < 500; i++) kept.push(Rollup.decode(workerData))
        globalThis.kept = kept.slice(0, 5)
        parentPort.postMessage(kept[0].digest())
      })`
    const { Rollup } = kernels.native
    const whole = new Rollup(spec)
    whole.ingest(rows(500))
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(source, { eval: true, workerData: whole.encode() })
      const digest = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
      assert.equal(digest, whole.digest())
      await worker.terminate()
      for (let i = 0; i < 200; i++) Rollup.decode(whole.encode())
    }
  })
})
