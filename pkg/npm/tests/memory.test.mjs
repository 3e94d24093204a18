// Memory that shrinks, moves away or is written to by others while it is read: the answer, or an error with a code.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { kernels, rows, spec, thrown } from './kernels.mjs'

const SMALL = { name: 's', columns: { ts: 'timestamp[us]', a: 'float64', b: 'float64' }, time: 'ts', bucket: '1 hour', select: { n: 'count(*)', s: 'sum(a)', t: 'sum(b)' } }
const KEYED = { name: 'k', columns: { ts: 'timestamp[us]', k: 'string' }, time: 'ts', bucket: '1 hour', group_by: ['k'], select: { n: 'count(*)' } }
const resizable = (Kind, count) => new Kind(new ArrayBuffer(count * Kind.BYTES_PER_ELEMENT, { maxByteLength: count * Kind.BYTES_PER_ELEMENT }), 0, count)
/** What ends the life of the memory of an array. */
const ENDS = {
  'shrinks to nothing': ({ buffer }) => buffer.resize(0),
  'shrinks to a part': ({ buffer }) => buffer.resize(8),
  'moves away': ({ buffer }) => structuredClone(buffer, { transfer: [buffer] }),
}

for (const [name, { IsofoldError, Rollup }] of Object.entries(kernels)) {
  describe(`memory, ${name}`, () => {
    for (const [what, end] of Object.entries(ENDS)) {
      for (const [kind, make] of [['doubles', (count) => resizable(Float64Array, count).fill(1)], ['integers', (count) => resizable(Int32Array, count).fill(1)]]) {
        for (const count of [1000, 300_000]) {
          it(`reads ${count} ${kind} or refuses them when their memory ${what} during ingestAsync`, async () => {
            const rollup = new Rollup(SMALL)
            const a = make(count)
            const done = rollup.ingestAsync({ ts: new BigInt64Array(count), a, b: a })
            end(a)
            const outcome = await done.catch((error) => error)
            if (outcome instanceof IsofoldError) assert.deepEqual([outcome.code, rollup.size], ['ingest.length', 0])
            else assert.deepEqual([outcome, rollup.query().rows()[0].s], [count, count])
          })
        }

        it(`refuses ${kind}, or reads them whole, when a getter of another column makes that their memory ${what}`, () => {
          const rollup = new Rollup(SMALL)
          const a = make(1000)
          const b = new Array(1000).fill(1)
          Object.defineProperty(b, 5, { get: () => (end(a), 1) })
          let outcome
          try {
            outcome = rollup.ingest({ ts: new BigInt64Array(1000), a, b })
          } catch (error) {
            outcome = error.code
          }
          assert.ok(outcome === 'ingest.length' || (outcome === 1000 && rollup.query().rows()[0].s === 1000), String(outcome))
        })
      }
    }

    it('refuses memory that is gone before it is given, and takes what is empty', () => {
      for (const end of Object.values(ENDS)) {
        const a = resizable(Float64Array, 1000)
        end(a)
        if (a.length > 0) continue
        for (const [column, data] of [['a', { ts: [], a, b: [] }], ['b', { ts: new BigInt64Array(), a: [], b: a }]]) {
          const { code, path, message } = thrown(() => new Rollup(SMALL).ingest(data))
          assert.deepEqual([code, path, message.includes('is detached')], ['host.argument', `column.${column}`, true])
        }
      }
      const codes = new Uint8Array(3)
      structuredClone(codes.buffer, { transfer: [codes.buffer] })
      assert.equal(thrown(() => new Rollup(KEYED).ingest({ ts: [], k: { codes, texts: [] } })).path, 'column.k')
      assert.equal(new Rollup(SMALL).ingest({ ts: new BigInt64Array(), a: new Float64Array(), b: new Float64Array(new ArrayBuffer(8), 8) }), 0)
    })

    it('sees no row of arrays that another thread writes to but as it was at one time', async () => {
      const count = 200_000
      const codes = new Uint32Array(new SharedArrayBuffer(4 * count))
      const source = "const c = new Uint32Array(require('node:worker_threads').workerData); for (;;) { c.fill(0xffffffff); c.fill(1); c.fill(0) }"
      const worker = new Worker(source, { eval: true, workerData: codes.buffer })
      try {
        await new Promise((resolve) => worker.once('online', resolve))
        for (let round = 0; round < 10; round++) {
          const rollup = new Rollup(KEYED)
          const data = { ts: new BigInt64Array(count), k: { codes, texts: ['a', 'b'] } }
          try {
            const taken = round % 2 === 0 ? rollup.ingest(data) : await rollup.ingestAsync(data)
            assert.equal(taken, count)
          } catch (error) {
            assert.equal(error.code, 'ingest.length', error.stack)
            assert.equal(rollup.size, 0)
          }
          assert.equal(Rollup.decode(rollup.encode()).digest(), rollup.digest())
        }
      } finally {
        await worker.terminate()
      }
    })

    it('asks arrays what they are, not what they say', () => {
      const expected = new Rollup(SMALL)
      expected.ingest({ ts: [0n], a: [1.5], b: [2] })
      class Liar extends Float64Array {
        static get [Symbol.species]() {
          return Int8Array
        }
      }
      const a = new Liar([1.5])
      for (const [name, value] of [['length', 10_000], ['byteOffset', 4096], ['subarray', () => [7]]]) Object.defineProperty(a, name, { value })
      const rollup = new Rollup(SMALL)
      rollup.ingest({ ts: [0n], a, b: [2] })
      assert.equal(rollup.digest(), expected.digest())
      const bytes = expected.encode()
      Object.defineProperty(bytes, 'length', { value: 1 << 20 })
      assert.equal(Rollup.decode(bytes).digest(), expected.digest())
    })

    it('takes bytes of any memory, and copies what others can write to', async () => {
      const whole = new Rollup(spec)
      whole.ingest(rows(100))
      const bytes = whole.encode()
      const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 3), 3)
      shared.set(bytes)
      const grown = new Uint8Array(new ArrayBuffer(bytes.length, { maxByteLength: 2 * bytes.length }))
      grown.set(bytes)
      for (const form of [bytes, Buffer.from(bytes), bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), shared, grown, new DataView(shared.buffer, 3)]) {
        assert.equal(Rollup.decode(form).digest(), whole.digest())
        const merged = new Rollup(spec)
        merged.merge(form)
        await merged.mergeAsync(form)
        assert.equal(merged.stats().rows, 200)
        merged.replace(null, null, form)
        assert.equal(merged.digest(), whole.digest())
      }
      const merged = new Rollup(spec)
      const done = merged.mergeAsync(grown)
      grown.buffer.resize(0)
      await done
      assert.equal(merged.digest(), whole.digest())
      const gone = Uint8Array.from(bytes)
      structuredClone(gone.buffer, { transfer: [gone.buffer] })
      for (const form of [gone, gone.buffer]) {
        for (const use of [() => Rollup.decode(form), () => new Rollup(spec).merge(form), () => new Rollup(spec).replace(null, null, form)]) {
          const { code, message } = thrown(use)
          assert.deepEqual([code, message.includes('is detached')], ['host.argument', true], message)
        }
      }
      assert.match(thrown(() => Rollup.decode(new Uint8Array())).code, /^decode\./)
    })
  })
}

describe('states of rows, native', () => {
  const { Rollup } = kernels.native
  it('are copied before the next row is read', () => {
    const whole = new Rollup(spec)
    whole.ingest(rows(100))
    const stored = whole.rows()
    const first = { ...stored[0], state: resizable(Uint8Array, stored[0].state.length) }
    first.state.set(stored[0].state)
    const second = { ...stored[1] }
    Object.defineProperty(second, 'state', { get: () => (first.state.buffer.resize(0), stored[1].state), enumerable: true })
    // the keys and times are read first, then the states, row after row
    assert.equal(Rollup.fromRows(spec, [first, second, ...stored.slice(2)]).digest(), whole.digest())
    assert.equal(thrown(() => Rollup.fromRows(spec, [{ ...stored[0], state: [1] }])).code, 'host.argument')
  })
})
