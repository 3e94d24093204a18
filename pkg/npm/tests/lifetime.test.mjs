// Rollups that are freed, kernels that stop, memory that ends.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { kernels, rows, spec, thrown } from './kernels.mjs'

const path = (name) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url))

/** Runs a program with the package's wasm, whose instances it can look into, and gives what it prints; functions in `broken` trap in the first of them. */
function withWasm(program, broken = []) {
  const source = `
    import { readFileSync } from 'node:fs'
    const instances = []
    const { Instance } = WebAssembly
    // a module of one function that traps
    const trap = new Instance(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 116, 0, 0, 10, 5, 1, 3, 0, 0, 11))).exports.t
    let trapping = []
    WebAssembly.Instance = new Proxy(Instance, {
      construct(...made) {
        const { exports } = Reflect.construct(...made)
        const replaced = Object.fromEntries(trapping.map((name) => [name, trap]))
        instances.push({ exports: { ...exports, ...replaced } })
        return instances.at(-1)
      },
    })
    const broken = ${JSON.stringify(broken)}
    trapping = broken
    const { IsofoldError, initSync, Rollup } = await import(${JSON.stringify(path('esm/slim.js'))})
    initSync(readFileSync(${JSON.stringify(path('isofold.wasm'))}))
    const tried = (work) => { try { return work() } catch (error) { return error instanceof IsofoldError ? error.code : 'uncoded ' + error } }
    const spec = ${JSON.stringify(spec)}
    ${program}`
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', source], { encoding: 'utf8' })
  assert.equal(status, 0, `${signal} ${stderr}`)
  return JSON.parse(stdout)
}

for (const [name, { Rollup }] of Object.entries(kernels)) {
  describe(`lifetime, ${name}`, () => {
    const made = () => {
      const rollup = new Rollup(spec)
      rollup.ingest(rows(100))
      return rollup
    }

    it('frees a rollup twice without a word, and refuses every use of it', async () => {
      const rollup = made()
      const bytes = rollup.encode()
      rollup.free()
      rollup.free()
      rollup[Symbol.dispose]()
      const other = made()
      const uses = {
        canonical: () => rollup.canonical,
        coarsen: () => rollup.coarsen({ bucket: '1 day' }),
        digest: () => rollup.digest(),
        encode: () => rollup.encode(),
        encodeAsync: () => rollup.encodeAsync(),
        ingest: () => rollup.ingest(rows(1)),
        ingestAsync: () => rollup.ingestAsync(rows(1)),
        merge: () => rollup.merge(bytes),
        mergeAsync: () => rollup.mergeAsync(bytes),
        merged: () => other.merge(rollup),
        prune: () => rollup.prune('2026-01-01'),
        query: () => rollup.query(),
        queryAsync: () => rollup.queryAsync(),
        replace: () => rollup.replace(null, null, bytes),
        replaced: () => other.replace(null, null, rollup),
        rows: () => rollup.rows(),
        size: () => rollup.size,
        slice: () => rollup.slice(),
        spec: () => rollup.spec,
        stats: () => rollup.stats(),
      }
      for (const [use, work] of Object.entries(uses)) {
        const error = await (async () => work())().then(() => undefined, (error) => error)
        assert.equal(error?.code, 'host.freed', `${use}: ${error?.stack}`)
      }
      assert.equal(other.digest(), made().digest())
    })

    it('refuses the rows of an ingest whose rollup is freed meanwhile', async () => {
      const rollup = made()
      const some = rows(10)
      Object.defineProperty(some[3], 'tokens', { get: () => (rollup.free(), 1), enumerable: true })
      assert.equal(thrown(() => rollup.ingest(some)).code, 'host.freed')
      const later = made()
      const done = later.ingestAsync(rows(10))
      later.free()
      assert.equal((await done.catch((error) => error)).code, 'host.freed')
    })

    it('ends a query and bytes that are being made when the rollup is freed', async () => {
      const rollup = made()
      const [digest, size] = [rollup.digest(), rollup.size]
      const [query, bytes] = [rollup.queryAsync(), rollup.encodeAsync()]
      rollup.free()
      assert.equal((await query).length, size)
      assert.equal(Rollup.decode(await bytes).digest(), digest)
    })
  })
}

/** What a program with the addon prints; `many` makes a rollup of some megabytes. */
function withAddon(program) {
  const source = `
    const { Rollup } = await import(${JSON.stringify(path('esm/native.js'))})
    const spec = { name: 'r', columns: { ts: 'timestamp[us]', x: 'float64' }, time: 'ts', bucket: '1 minute', select: { s: 'sum(x)', p: 'median(x)' } }
    const many = (count) => {
      const ts = new BigInt64Array(count).map((_, i) => BigInt(i) * 60_000_000n)
      const rollup = new Rollup(spec)
      rollup.ingest({ ts, x: new Float64Array(count).map((_, i) => i + 0.5) }, { threads: 1 })
      return rollup
    }
    ${program}`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

describe('the memory of the addon', () => {
  // Node's own figure of external memory leaves out what addons tell of.
  const WAYS = {
    'were folded': 'many(30_000)',
    'were decoded': 'Rollup.decode(bytes)',
    'grew by a merge': 'new Rollup(spec).merge(bytes)',
    'grew by a merge off the thread': 'await new Rollup(spec).mergeAsync(bytes)',
    'were cut out of others': 'whole.slice()',
  }
  for (const [what, way] of Object.entries(WAYS)) {
    it(`is known to V8, which collects rollups that ${what} and that nobody frees`, () => {
      const most = withAddon(`
        const whole = many(30_000)
        const each = whole.stats().memory_bytes
        const bytes = whole.encode()
        let [before, most] = [process.memoryUsage.rss(), 0]
        for (let i = 0; i < 60; i++) {
          ${way}
          await new Promise((resolve) => setImmediate(resolve))
          most = Math.max(most, process.memoryUsage.rss() - before)
        }
        console.log(JSON.stringify(most / each))`)
      assert.ok(most < 40, `memory of ${most} rollups at once, of 60`)
    })
  }

  it('is given back at once by free', () => {
    const held = withAddon(`
      let each = 0
      const once = () => { const rollup = many(50_000); each = rollup.stats().memory_bytes; rollup.free() }
      for (let i = 0; i < 5; i++) once()
      const before = process.memoryUsage.rss()
      for (let i = 0; i < 40; i++) once()
      console.log(JSON.stringify((process.memoryUsage.rss() - before) / each))`)
    assert.ok(held < 10, `memory of ${held} rollups is held by 40 freed ones`)
  })
})

describe('a wasm module that stops', () => {
  it('at the end of its memory gives limit.memory, and the next rollup has a module of its own', () => {
    const found = withWasm(`
      const kept = new Rollup(spec)
      kept.ingest([{ ts: '2026-11-01', model: 'a', duration_ms: 1, tokens: 1, ok: true }])
      const bytes = kept.encode()
      const { memory } = instances[0].exports
      // all but 4 MiB, of addresses alone
      memory.grow(65_536 - memory.buffer.byteLength / 65_536 - 64)
      const texts = Array.from({ length: 100_000 }, (_, i) => ({ ts: '2026-11-01', model: 'a model with a long name, number ' + i, duration_ms: i, tokens: i, ok: true }))
      const full = tried(() => new Rollup(spec).ingest(texts))
      const uses = ['query', 'encode', 'digest', 'stats'].map((name) => tried(() => kept[name]()))
      kept.free()
      const next = Rollup.decode(bytes)
      next.ingest(texts)
      globalThis.gc()
      await new Promise((resolve) => setTimeout(resolve, 50))
      console.log(JSON.stringify([full, uses, next.size, tried(() => next.merge(kept)), instances.length]))`)
    assert.deepEqual(found, ['limit.memory', Array(4).fill('limit.memory'), 100_001, 'limit.memory', 2])
  })

  it('at a defect gives host.panic, and the next rollup has a module of its own', () => {
    const found = withWasm(`
      const kept = new Rollup(spec)
      const bytes = kept.encode()
      trapping = []
      const uses = ['digest', 'encode', 'query'].map((name) => tried(() => kept[name]()))
      const next = Rollup.decode(bytes)
      next.merge(next.encode())
      console.log(JSON.stringify([uses, next.digest().length, tried(() => kept.size), instances.length]))`, ['rollup_digest'])
    assert.deepEqual(found, [Array(3).fill('host.panic'), 64, 'host.panic', 2])
  })
})
