// Arguments that no program means: an error with a code, or the one that they throw themselves.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kernels, rows, spec } from './kernels.mjs'

const loop = {}
loop.self = loop
const deep = JSON.parse('{"a":'.repeat(5000) + '1' + '}'.repeat(5000))
const ODD = [undefined, null, true, 7, NaN, 7n, '', 'text', '{', '[]', '\ud800', Symbol('s'), () => 7, [], [null], {}, Object.create(null), loop, deep, new Date(NaN), new Map(), /x/, new Proxy({}, {}), new Proxy([], {}), new Uint8Array(3), new DataView(new ArrayBuffer(2)), { toJSON: () => undefined }, { toJSON: () => 7 }, { encode: () => 7 }, { [Symbol.toStringTag]: 'Date' }, { [Symbol.toStringTag]: 'ArrayBuffer' }, { getChild: () => null, numRows: 3, schema: { fields: [] } }]

for (const [name, { IsofoldError, Rollup }] of Object.entries(kernels)) {
  const made = () => {
    const rollup = new Rollup(spec)
    rollup.ingest(rows(50))
    return rollup
  }
  const calls = {
    new: (odd) => new Rollup(odd),
    'new, options': (odd) => new Rollup(spec, odd),
    'new, maxGroups': (odd) => new Rollup(spec, { maxGroups: odd }),
    decode: (odd) => Rollup.decode(odd),
    fromRows: (odd) => Rollup.fromRows(spec, odd),
    'fromRows, row': (odd) => Rollup.fromRows(spec, [odd]),
    'fromRows, state': (odd) => Rollup.fromRows(spec, [{ bucket: '2026-11-01', model: 'a', state: odd }]),
    ingest: (odd) => made().ingest(odd),
    ingestAsync: (odd) => made().ingestAsync(odd),
    'ingest, row': (odd) => made().ingest([odd]),
    'ingest, cell': (odd) => made().ingest([{ ts: 0, model: odd, tokens: odd, ok: odd }]),
    'ingest, time': (odd) => made().ingest([{ ts: odd }]),
    'ingest, column': (odd) => made().ingest({ ts: ['2026-11-01'], model: odd, duration_ms: odd, tokens: odd, ok: odd }),
    'ingest, codes': (odd) => made().ingest({ ts: ['2026-11-01'], model: { codes: odd, texts: ['a'] }, duration_ms: [1], tokens: [1], ok: [true] }),
    'ingest, texts': (odd) => made().ingest({ ts: ['2026-11-01'], model: { codes: new Uint8Array(1), texts: odd }, duration_ms: [1], tokens: [1], ok: [true] }),
    'ingest, options': (odd) => made().ingest(rows(1), odd),
    merge: (odd) => made().merge(odd),
    mergeAsync: (odd) => made().mergeAsync(odd),
    coarsen: (odd) => made().coarsen(odd),
    'coarsen, bucket': (odd) => made().coarsen({ bucket: odd }),
    'coarsen, group_by': (odd) => made().coarsen({ group_by: odd }),
    slice: (odd) => made().slice(odd, odd),
    replace: (odd) => made().replace(odd, odd, made()),
    'replace, other': (odd) => made().replace(null, null, odd),
    prune: (odd) => made().prune(odd),
    query: (odd) => made().query(odd),
    queryAsync: (odd) => made().queryAsync(odd),
    'query, part': (odd) => made().query({ select: odd }),
    'query, time': (odd) => made().query({ start: odd }),
    'query, gapfill': (odd) => made().query({ bucket: '1 hour', gapfill: odd }),
    column: (odd) => made().query().column(odd),
    valid: (odd) => made().query().valid(odd),
  }
  describe(`hostile arguments, ${name}`, () => {
    it('that only look like dates are none', () => {
      const fake = Object.create(Date.prototype)
      assert.throws(() => made().prune(fake), { code: 'host.argument' })
      for (const data of [[{ ts: fake }], { ts: [fake], model: ['a'], duration_ms: [1], tokens: [1], ok: [true] }]) {
        assert.throws(() => made().ingest(data), { code: 'ingest.type' })
      }
    })

    for (const [what, act] of Object.entries(calls)) {
      it(`of ${what} are taken or refused with a code`, async () => {
        for (const [at, odd] of ODD.entries()) {
          const error = await (async () => act(odd))().then(() => undefined, (error) => error)
          assert.ok(error === undefined || error instanceof IsofoldError, `argument ${at} (${typeof odd}): ${error?.stack}`)
        }
      })

      it(`of ${what} throw what they throw`, async () => {
        const own = new TypeError('mine')
        const thrower = (name) => Object.defineProperty({ bucket: '1 day' }, name, { enumerable: true, get: () => { throw own } })
        for (const name of ['toJSON', 'threads', 'maxGroups', 'codes', 'encode', 'ts', 'state', 'getChild']) {
          const error = await (async () => act(thrower(name)))().then(() => undefined, (error) => error)
          assert.ok(error === undefined || error === own || error instanceof IsofoldError, `${name}: ${error?.stack}`)
        }
      })
    }
  })
}
