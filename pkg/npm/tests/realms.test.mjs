// Objects of other JavaScript realms: frames of a page, node:vm, Jest.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'
import { kernels, rows, spec } from './kernels.mjs'

const file = (name) => fileURLToPath(new URL(`../dist/${name}`, import.meta.url))

/** The package as code of a realm of its own, with what test runners give to theirs. */
function inRealm(name, globals = {}) {
  const realm = vm.createContext({ console, process, Buffer, URL, TextEncoder, TextDecoder, structuredClone, ...globals })
  const path = file(`cjs/${name}.js`)
  const body = vm.runInContext(`(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'utf8')}\n})`, realm)
  const module = { exports: {} }
  body(module.exports, createRequire(path), module, path, dirname(path))
  return { realm, isofold: module.exports }
}

const LISTS = {
  ...spec,
  select: { ...spec.select, mean: 'avg(duration_ms)', any: 'bool_or(ok)', sample: 'exemplar(model)', some: 'histogram(percentile_agg(duration_ms), 100, 500)' },
}

const realms = {
  native: () => inRealm('node'),
  wasm: () => {
    const made = inRealm('slim')
    made.isofold.initSync(readFileSync(file('isofold.wasm')))
    return made
  },
}

for (const [name, start] of Object.entries(realms)) {
  const { Rollup: Here } = kernels[name]
  const { realm, isofold } = start()
  const there = (text) => vm.runInContext(text, realm)

  describe(`another realm, ${name}`, () => {
    it('gets numbers, texts, lists and dates, as this one does', () => {
      const here = new Here(LISTS)
      here.ingest(rows(200))
      const rollup = new isofold.Rollup(LISTS)
      rollup.ingest(rows(200))
      const [expected, found] = [here.query(), rollup.query()]
      const plain = (value) => JSON.stringify(value, (_, value) => (typeof value === 'bigint' ? `${value}n` : value))
      assert.equal(plain(found.rows()), plain(expected.rows()))
      const [row] = found.rows()
      assert.deepEqual(['mean', 'requests', 'any', 'model'].map((name) => typeof row[name]), ['number', 'number', 'boolean', 'object'].map((type, at) => typeof expected.rows()[0][['mean', 'requests', 'any', 'model'][at]]))
      for (const column of expected.columns) assert.equal(plain([...found.column(column)]), plain([...expected.column(column)]), column)
      assert.ok(found.column('mean') instanceof there('Float64Array'))
      assert.ok(row.bucket instanceof there('Date'))
      assert.ok(rollup.encode() instanceof there('Uint8Array'))
    })

    it('gets errors with their class and code', () => {
      const rollup = new isofold.Rollup(spec)
      for (const [work, code] of [
        [() => rollup.query({ select: ['nothing'] }), 'query.unknown_name'],
        [() => rollup.ingest([{ ts: true }]), 'ingest.type'],
        [() => isofold.Rollup.decode(new Uint8Array(3)), 'decode.magic'],
      ]) {
        assert.throws(work, (error) => error instanceof isofold.IsofoldError && error instanceof there('Error') && error instanceof kernels[name].IsofoldError && error.name === 'IsofoldError' && error.code === code, code)
      }
    })

    const inputs = {
      'typed arrays': '({ ts: new BigInt64Array([5n, 6n]), k: ["a", "b"], x: new Float64Array([1.5, 2]), i: new BigInt64Array([-7n, 3n]), b: new Uint8Array([1, 0]) })',
      'narrow arrays and codes': '({ ts: new BigUint64Array([5n, 6n]), k: { codes: new Uint16Array([0, 0]), texts: ["q"] }, x: new Float32Array([1.5, 2]), i: new Int32Array([7, 8]), b: [true, null] })',
      'arrays that may grow': '({ ts: new BigInt64Array(new ArrayBuffer(16, { maxByteLength: 64 })), k: { codes: new Int8Array(new SharedArrayBuffer(2)), texts: ["q"] }, x: [1, 2], i: [1n, 2], b: [true, null] })',
      rows: '([{ ts: 5, k: "a", x: 1.5, i: 2n, b: true }, { ts: 6n, toString: 1 }])',
      dates: '([{ ts: new Date(5), k: "a" }, { ts: new Date(6), k: null }])',
    }
    const columns = { ts: 'timestamp[us]', k: 'string', x: 'float64', i: 'int64', b: 'bool' }
    const small = { name: 'r', columns, time: 'ts', bucket: '1 hour', group_by: ['k'], select: { s: 'sum(x)', i: 'sum(i)', b: 'bool_or(b)', first: 'min(ts)' } }
    for (const [what, input] of Object.entries(inputs)) {
      it(`brings ${what}`, () => {
        const digest = (Rollup, data) => {
          const rollup = new Rollup(small)
          rollup.ingest(data)
          return rollup.digest()
        }
        const expected = digest(Here, vm.runInThisContext(input))
        assert.equal(digest(Here, there(input)), expected)
        assert.equal(digest(isofold.Rollup, there(input)), expected)
        assert.equal(digest(isofold.Rollup, vm.runInThisContext(input)), expected)
      })
    }

    it('brings bytes, rollups, times and specs', () => {
      const whole = new Here(spec)
      whole.ingest(rows(100))
      realm.bytes = whole.encode()
      const bytes = there('Uint8Array.from(bytes)')
      assert.equal(Here.decode(bytes).digest(), whole.digest())
      assert.equal(Here.decode(there('Uint8Array.from(bytes).buffer')).digest(), whole.digest())
      const rollup = new isofold.Rollup(spec)
      rollup.merge(whole)
      const back = new Here(spec)
      back.merge(rollup)
      assert.equal(back.digest(), whole.digest())
      const dates = there('[new Date("2026-11-01T00:00:00Z"), new Date("2026-11-01T01:00:00Z")]')
      assert.equal(whole.slice(...dates).digest(), whole.slice('2026-11-01', '2026-11-01T01:00:00Z').digest())
    })
  })
}
