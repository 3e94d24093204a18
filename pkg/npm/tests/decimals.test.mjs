/** Decimals: texts and numbers in, the nearest numbers or texts out. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { kernels, thrown } from './kernels.mjs'

const page = readFileSync(new URL('../../../docs/decimals.md', import.meta.url), 'utf8')
const AsyncFunction = (async () => {}).constructor

const spec = {
  name: 'sales',
  columns: { ts: 'timestamp[s]', price: 'decimal(2)' },
  time: 'ts',
  bucket: '1 hour',
  group_by: ['price'],
  select: { total: 'sum(price)', mean: 'avg(price)', seen: 'value_counts(price)' },
}

/** A vector of apache-arrow's decimals, by the words of each row. */
function decimals(scale, rows) {
  const words = rows.flatMap((units) => Array.from({ length: 4 }, (_, at) => Number(BigInt.asUintN(32, (units ?? 0n) >> BigInt(32 * at)))))
  const bitmap = Uint8Array.of(rows.reduce((bits, units, row) => (units === null ? bits : bits | (1 << row)), 0))
  const chunk = { length: rows.length, offset: 0, nullCount: rows.filter((units) => units === null).length, nullBitmap: bitmap, values: Uint32Array.from(words) }
  return { length: rows.length, nullCount: chunk.nullCount, type: { typeId: 7, scale }, data: [chunk], get: () => null, toArray: () => [] }
}

function table(columns) {
  const [first] = Object.values(columns)
  const fields = Object.keys(columns).map((name) => ({ name }))
  return { numRows: first.length, schema: { fields }, getChild: (name) => columns[name] ?? null }
}

function numbers(values) {
  const chunk = { length: values.length, offset: 0, nullCount: 0, nullBitmap: new Uint8Array(0), values }
  return { length: values.length, nullCount: 0, type: { typeId: 2 }, data: [chunk], get: (row) => values[row], toArray: () => values }
}

for (const [name, isofold] of Object.entries(kernels)) {
  const { Rollup } = isofold
  const folded = (price, declared = spec) => {
    const rollup = new Rollup(declared)
    rollup.ingest({ ts: price.map((_, row) => row), price })
    return rollup
  }
  describe(`Decimals, ${name}`, () => {
    it('run as the page tells', async () => {
      const [, block] = /^```ts\n(.*?)^```$/ms.exec(page)
      const lines = block.replace(/^import .*$/m, '').split('\n').map((line) => {
        const [, expression, value] = /^(.*?) \/\/ → (.*)$/.exec(line) ?? []
        return value === undefined ? line : `;assert.deepEqual(${expression}, ${value})`
      })
      await new AsyncFunction('assert', ...Object.keys(isofold), lines.join('\n'))(assert, ...Object.values(isofold))
    })

    it('are the digits of texts, numbers and bigints', () => {
      const digest = folded(['19.99', '0.10', null, '7.00']).digest()
      assert.equal(folded([19.99, 0.1, NaN, 7]).digest(), digest)
      assert.equal(folded(['19.990', 0.1, 'NaN', 7n]).digest(), digest)
      assert.equal(folded(['1.0', '2']).digest(), folded([1n, 2n]).digest())
    })

    it('come as numbers, and as texts where those are asked for', () => {
      const rollup = folded(['19.99', '0.10', null, '0.1'])
      const result = rollup.query({ order_by: ['price'], select: ['total', 'seen'] })
      assert.deepEqual(result.types, { bucket: 'timestamp', price: 'decimal(2)', total: 'decimal(2)', seen: 'counts<decimal(2)>' })
      assert.deepEqual(result.column('total'), Float64Array.of(0.2, 19.99, 0))
      assert.deepEqual(result.rows().map(({ price, total, seen }) => [price, total, seen]), [
        [0.1, 0.2, [{ value: 0.1, count: 2 }]],
        [19.99, 19.99, [{ value: 19.99, count: 1 }]],
        [null, null, null],
      ])
      const texts = rollup.query({ order_by: ['-price'], select: ['total', 'seen'], decimals: 'text' })
      assert.deepEqual(texts.column('total'), ['19.99', '0.20', null])
      assert.deepEqual(texts.rows()[1].seen, [{ value: '0.10', count: 2 }])
      assert.equal(thrown(() => rollup.query({ decimals: 'number' })).code, 'query.invalid')
    })

    it('of sums past int64 are the nearest number, and all digits as texts', () => {
      const rollup = folded(['92233720368547758.07', '92233720368547758.07', '0.20'])
      const query = { bucket: null, group_by: [], select: ['sum(price) as total', 'total - 0.01 as less'], having: 'total > 1' }
      const result = rollup.query(query)
      assert.deepEqual(result.column('total'), Float64Array.of(184467440737095516.34))
      assert.deepEqual([result.rows(), result.warnings], [[{ total: 184467440737095516.34, less: 184467440737095516.33 }], []])
      assert.deepEqual(rollup.query({ ...query, decimals: 'text' }).rows(), [{ total: '184467440737095516.34', less: '184467440737095516.33' }])
    })

    it('are refused with their row where digits would be lost', () => {
      for (const [bad, words] of [['1.505', 'more than 2 digits'], [0.125, 'more than 2 digits'], ['abc', 'is not a decimal(2)'], [2n ** 60n, 'does not fit'], [{}, 'an object is not']]) {
        const error = thrown(() => folded([1, bad]))
        assert.deepEqual([error.code, error.path], ['ingest.type', 'column.price[1]'], String(bad))
        assert.ok(error.message.includes(words), error.message)
      }
    })

    it('are taken from Arrow, also by float64 columns', () => {
      const digest = folded(['19.99', null, '-0.10']).digest()
      for (const [scale, factor] of [[2, 1n], [4, 100n]]) {
        const rollup = new Rollup(spec)
        rollup.ingest(table({ ts: numbers(Int32Array.of(0, 1, 2)), price: decimals(scale, [1999n * factor, null, -10n * factor]) }))
        assert.equal(rollup.digest(), digest)
      }
      const floats = { ...spec, columns: { ...spec.columns, price: 'float64' } }
      const rollup = new Rollup(floats)
      rollup.ingest(table({ ts: numbers(Int32Array.of(0, 1, 2)), price: decimals(2, [1999n, null, -10n]) }))
      assert.equal(rollup.digest(), folded([19.99, null, -0.1], floats).digest())
    })
  })
}

describe('Decimals in rows, native', () => {
  const { Rollup } = kernels.native
  const wide = { ...spec, select: { ...spec.select, some: 'exemplar(price, 2)', top: 'topn(value_counts(price), 1)', least: 'min(price)' } }
  const rollup = new Rollup(wide)
  rollup.ingest({ ts: [0, 1, 2], price: ['90071992547409.93', '90071992547409.93', null] })

  it('are the nearest numbers, and texts in every cell where those are asked for', () => {
    const [number] = rollup.rows().filter(({ price }) => price !== null)
    assert.deepEqual([number.price, number.least, number.some], [90071992547409.93, 90071992547409.93, [90071992547409.93, 90071992547409.93]])
    const rows = rollup.rows({ decimals: 'text' })
    const [text] = rows.filter(({ price }) => price !== null)
    const exact = '90071992547409.93'
    assert.deepEqual([text.price, text.total, text.least, text.some], [exact, '180143985094819.86', exact, [exact, exact]])
    assert.deepEqual([text.seen, text.top], [[{ value: exact, count: 2 }], [exact]])
    assert.equal(typeof text.mean, 'number')
    const query = [...rollup.query({ decimals: 'text', order_by: ['price'] })][0]
    assert.deepEqual(query, Object.fromEntries(Object.entries(text).filter(([name]) => name !== 'state')))
    assert.equal(Rollup.fromRows(wide, rows).digest(), rollup.digest())
  })

  it('keep keys apart that are one number', () => {
    const near = new Rollup(wide)
    near.ingest({ ts: [0, 0], price: ['92233720368547758.06', '92233720368547758.07'] })
    assert.equal(Rollup.fromRows(wide, near.rows({ decimals: 'text' })).digest(), near.digest())
    assert.equal(new Set(near.rows().map(({ price }) => price)).size, 1)
  })

  it('are texts or numbers, nothing else', () => {
    for (const decimals of ['number', 'exact', 5, null, true]) {
      const { code, path } = thrown(() => rollup.rows({ decimals }))
      assert.deepEqual([code, path], ['host.argument', 'decimals'])
    }
  })
})
