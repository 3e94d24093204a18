import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kernels, spec, thrown } from './kernels.mjs'

const AT = Date.UTC(2026, 10, 1, 5, 30)

for (const [name, { Rollup }] of Object.entries(kernels)) {
  describe(`Result, ${name}`, () => {
    const rollup = new Rollup(spec)
    const base = { ts: new Date(AT), duration_ms: 2, ok: true }
    rollup.ingest([
      { ...base, model: 'a', tokens: 7n },
      { ...base, model: 'a', tokens: 7n },
      { ...base, model: 'a', tokens: 2n ** 60n, ok: false },
      { ...base, model: 'b', tokens: null, ok: null },
    ])
    const result = rollup.query({ order_by: ['model'] })

    it('names its columns and their types', () => {
      assert.deepEqual(result.columns, ['bucket', 'model', ...Object.keys(spec.select)])
      const { bucket, model, requests, p95_ms, all_ok, top_tokens } = result.types
      const expected = ['timestamp', 'string', 'int64', 'float64', 'bool', 'counts<int64>']
      assert.deepEqual([bucket, model, requests, p95_ms, all_ok, top_tokens], expected)
      assert.equal(result.length, 2)
    })

    it('is its rows in JSON', () => {
      const [a, b] = JSON.parse(JSON.stringify(result))
      const common = { bucket: '2026-11-01T05:00:00.000Z', p95_ms: 2, last_seen: '2026-11-01T05:30:00.000Z' }
      assert.deepEqual([a.bucket, a.p95_ms, a.last_seen], Object.values(common))
      assert.deepEqual([a.tokens, a.all_ok, a.top_tokens], [String(2n ** 60n + 14n), false, [{ value: 7, count: 2 }, { value: String(2n ** 60n), count: 1 }]])
      assert.deepEqual([b.model, b.tokens, b.all_ok], ['b', null, null])
      const endless = new Rollup(spec)
      endless.ingest([{ ...base, model: '__proto__', duration_ms: Infinity, tokens: 1 }])
      assert.equal(JSON.parse(JSON.stringify(endless.query({ select: ['p95_ms'] })))[0].p95_ms, 'Infinity')
    })

    it('has rows of dates, safe numbers, bigints, lists and nulls', () => {
      const counts = [{ value: 7, count: 2 }, { value: 2n ** 60n, count: 1 }]
      const [a, b] = result.rows()
      const bucket = new Date(Date.UTC(2026, 10, 1, 5))
      const common = { bucket, p95_ms: 2, last_seen: new Date(AT) }
      assert.deepEqual(a, { ...common, model: 'a', requests: 3, tokens: 2n ** 60n + 14n, max_tokens: 2n ** 60n, all_ok: false, top_tokens: counts })
      assert.deepEqual([b.tokens, b.max_tokens, b.all_ok], [null, null, null])
      assert.deepEqual([...result], [a, b])
    })

    it('has columns as arrays, with the NULLs told apart', () => {
      assert.deepEqual(result.column('requests'), BigInt64Array.of(3n, 1n))
      assert.deepEqual(result.column('bucket'), BigInt64Array.of(...[5, 5].map((hour) => BigInt(Date.UTC(2026, 10, 1, hour)) * 1000n)))
      assert.deepEqual(result.column('p95_ms'), Float64Array.of(2, 2))
      assert.deepEqual(result.column('model'), ['a', 'b'])
      assert.deepEqual(result.column('all_ok'), [false, null])
      assert.deepEqual(result.valid('tokens'), Uint8Array.of(1, 0))
      assert.equal(result.valid('requests'), undefined)
      const error = thrown(() => result.column('nothing'))
      assert.deepEqual([error.code, thrown(() => result.valid('nothing')).code], ['host.argument', 'host.argument'])
    })

    it('takes Dates in queries', () => {
      const hour = (hour) => new Date(Date.UTC(2026, 10, 1, hour))
      assert.equal(rollup.query({ start: hour(5), end: hour(6) }).length, 2)
      assert.equal(rollup.query({ start: hour(6) }).length, 0)
      assert.equal(thrown(() => rollup.query({ start: new Date(NaN) })).code, 'host.argument')
    })

    it('puts an instant before 1970 into the millisecond that has begun', () => {
      const old = new Rollup({ ...spec, group_by: [], select: { first: 'min(ts)' } })
      old.ingest([{ ts: '1969-12-31T23:59:59.999999Z' }])
      assert.deepEqual(old.query({ bucket: null }).rows(), [{ first: new Date(-1) }])
    })
  })
}
