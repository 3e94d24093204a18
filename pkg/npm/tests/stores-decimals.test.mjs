// Money in databases: numeric, text and double precision in, numeric and texts out, with all digits.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openStore, Rollup } from '../dist/esm/stores.js'
import { eachDatabase } from './databases.mjs'

/** When all days of the rows are over. */
const NOW = '2026-11-10T00:00:00Z'
const COLUMNS = { ts: 'timestamp', price: 'decimal(2)', rate: 'decimal(4)' }
const SPEC = {
  name: 'sums', bucket: '1 day', group_by: ['rate'],
  select: { n: 'count(*)', revenue: 'sum(price)', gross: 'sum(price * 1.19)', most: 'max(price)', seen: 'value_counts(price, 3)', some: 'exemplar(price, 2)' },
}
const DAYS = { name: 'days', bucket: '1 day', select: { revenue: 'sum(price)' } }
const catalog = { source: { table: 'sales', columns: COLUMNS, time: 'ts', changes: 'trigger' }, rollups: [{ spec: SPEC }, { spec: DAYS, from: 'sums' }] }

const text = (cents) => `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`
/** More digits than a double has, where the column has them all. */
const centsOf = (isWide) => (i) => BigInt((i * 37) % 4000) + (isWide && i % 10 === 1 ? 10n ** 16n : 0n)
const rowsOf = (isWide) =>
  Array.from({ length: 120 }, (_, i) => ({
    ts: `2026-11-0${1 + (i % 3)}T${String(i % 24).padStart(2, '0')}:00:00Z`,
    price: i % 9 === 0 ? null : text(centsOf(isWide)(i)),
    rate: [null, '0.1900', '0.07', '-1'][i % 4],
  }))
const folded = (rows) => {
  const rollup = new Rollup({ columns: COLUMNS, time: 'ts', ...SPEC })
  rollup.ingest(rows)
  return rollup
}
const sum = (rows) => text(rows.reduce((sum, { price }) => (price === null ? sum : sum + BigInt(price.replace('.', ''))), 0n))

eachDatabase((_, fresh) => {
  for (const [kind, isWide] of [['numeric(20, 2)', true], ['numeric', true], ['text', true], ['double precision', false]]) {
    describe(kind, () => {
      const rows = rowsOf(isWide)
      let made
      let store
      before(async () => {
        made = await fresh()
        await made.query(`CREATE TABLE sales (ts timestamptz, price ${kind}, rate ${kind})`)
        for (const row of rows) await made.query(`INSERT INTO sales VALUES ($1, $2::text::${kind}, $3::text::${kind})`, Object.values(row))
        store = openStore(catalog, made.database)
        await store.init()
        await store.refresh({ now: NOW })
      })
      after(() => made.close())

      test('decimals are read and kept exactly', async () => {
        assert.equal((await store.load('sums')).digest(), folded(rows).digest())
        const { rows: [{ type }] } = await made.query("SELECT pg_typeof(revenue)::text AS type FROM days LIMIT 1")
        assert.equal(type, 'numeric')
        const { rows: [{ revenue }] } = await made.query('SELECT sum(revenue)::text AS revenue FROM days')
        assert.equal(revenue, sum(rows))
      })

      test('decimals are given as texts where those are asked for', async () => {
        const whole = { bucket: null, group_by: [], select: [{ r: 'sum(price)' }] }
        const texts = await store.query('sums', { ...whole, decimals: 'text' })
        assert.deepEqual(texts.result.rows(), [{ r: sum(rows) }])
        const numbers = await store.query('sums', whole)
        assert.deepEqual(numbers.result.rows(), [{ r: Number(sum(rows)) }])
        const query = { bucket: '1 day', group_by: ['rate'], order_by: ['bucket', 'rate'], decimals: 'text' }
        const stored = await store.query('sums', query)
        const own = folded(rows).query(query)
        assert.deepEqual([stored.result.types, stored.result.rows()], [own.types, own.rows()])
        assert.ok(stored.result.rows().every(({ rate, revenue }) => [rate, revenue].every((cell) => cell === null || typeof cell === 'string')))
      })

      test('decimals are built again where rows change', async () => {
        await made.query(`UPDATE sales SET price = '1.00'::text::${kind} WHERE rate IS NULL`)
        await store.refresh({ now: NOW })
        const changed = rows.map((row) => (row.rate === null ? { ...row, price: '1.00' } : row))
        assert.equal((await store.load('sums')).digest(), folded(changed).digest())
      })
    })
  }

  test('numeric columns of int64 and float64 are read as they are', async () => {
    const made = await fresh()
    try {
      await made.query('CREATE TABLE n (ts timestamptz, whole numeric(24, 2), part numeric)')
      await made.query("INSERT INTO n VALUES ('2026-11-01T00:00:00Z', 9007199254740993.00, 0.1), ('2026-11-01T00:00:01Z', 5, 'NaN'), ('2026-11-01T00:00:02Z', NULL, 2)")
      const spec = { name: 'ns', bucket: '1 day', select: { whole: 'sum(whole)', part: 'sum(part)' } }
      const source = { table: 'n', columns: { ts: 'timestamp', whole: 'int64', part: 'float64' }, time: 'ts', changes: 'trigger' }
      const store = openStore({ source, rollups: [{ spec }] }, made.database)
      await store.init()
      await store.refresh({ now: NOW })
      const { result } = await store.query('ns', { select: ['whole', 'part'], bucket: null })
      assert.deepEqual(result.rows(), [{ whole: 9007199254740998n, part: 2.1 }])
    } finally {
      await made.close()
    }
  })

  test('what is no decimal of the scale is refused', async () => {
    const made = await fresh()
    try {
      await made.query('CREATE TABLE sales (ts timestamptz, price numeric, rate text)')
      await made.query("INSERT INTO sales VALUES ('2026-11-01T00:00:00Z', 1.505, NULL)")
      const stopping = { ...catalog, source: { ...catalog.source, on_row_error: 'stop' } }
      const store = openStore(stopping, made.database)
      await store.init()
      await assert.rejects(store.refresh({ now: NOW }), { code: 'ingest.type', message: /more than 2 digits/ })
    } finally {
      await made.close()
    }
  })
})
