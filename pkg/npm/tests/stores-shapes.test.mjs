// Tables as users have them: names of every kind, columns of every type, and queries with every option.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStore, Rollup } from '../dist/esm/stores.js'
import { eachDatabase, NOW } from './databases.mjs'

const COLUMNS = { When: 'timestamp', user: 'string', Select: 'string', price: 'float64', isOk: 'bool', big: 'int64', group: 'string', small: 'int64' }
const SELECT = {
  n: 'count(*)', Sum: 'sum(price)', 'max big': 'max(big)', ok: 'bool_and("isOk")', order: 'mode("Select")',
  "it's": 'sum(small)', First: 'min("When")', last: 'last("group", "When")',
}
const KEYS = [{ User: '"user"' }, { group: '"group"' }, { select: '"isOk"' }]
const HOURS = { name: 'Order Hours', bucket: '1 hour', group_by: KEYS, select: SELECT }
const DAYS = { name: 'select', bucket: '1 day', group_by: ['group'], select: { n: 'count(*)', Sum: 'sum(price)' } }
const ROWS = Array.from({ length: 120 }, (_, i) => ({
  When: `2026-11-0${1 + Math.floor(i / 60)} ${String(i % 24).padStart(2, '0')}:15:00`,
  user: `00000000-0000-0000-0000-00000000000${i % 3}`,
  Select: JSON.stringify({ a: i % 2 }).replace(':', ': '),
  price: i + 0.123456,
  isOk: i % 7 === 0 ? null : i % 2 === 0,
  big: BigInt(i) * 10n ** 15n,
  group: i % 5 === 0 ? null : ['x\'"y', 'back\\slash', '%s ? $1'][i % 3],
  small: (i % 100) - 50,
}))

const folded = (spec) => {
  const rollup = new Rollup({ columns: COLUMNS, time: 'When', ...spec })
  rollup.ingest(ROWS)
  return rollup
}

const QUERIES = {
  having: { where: '"group" is not null', having: 'n > 3', order_by: ['-n', 'group'], bucket: '1 day', group_by: ['group'] },
  windows: { bucket: null, group_by: ['group'], windows: { last_12h: '12 hours' }, end: '2026-11-02T20:00:00Z', select: ['n'] },
  locf: { bucket: '6 hours', group_by: [], select: ['n', 'Sum'], gapfill: { n: 0, Sum: 'locf' }, start: '2026-10-31T12:00:00Z', end: '2026-11-08T12:00:00Z' },
  interpolate: { bucket: '6 hours', group_by: ['group'], gapfill: { Sum: 'interpolate' }, start: '2026-11-01', end: '2026-11-07', select: ['Sum'] },
  neighbours: { gapfill: { n: 'locf', Sum: 'interpolate', "it's": 0 }, start: '2026-11-01T19:00:00Z', end: '2026-11-02T09:00:00Z' },
  'neighbours of a key': { group_by: ['User'], gapfill: { last: 'locf' }, where: '"select" is null', start: '2026-11-01T20:00:00Z', end: '2026-11-02T06:00:00Z' },
  'neighbours of none': { group_by: [], gapfill: { First: 'locf', Sum: 'interpolate' }, start: '2026-11-06', end: '2026-11-06T03:00:00Z', select: ['First', 'Sum'] },
  where: { where: "\"group\" = 'x''\"y' or \"group\" like 'back%'", bucket: null, group_by: ['User', 'select'] },
  expressions: { bucket: null, group_by: [], select: [{ each: '"Sum" / n' }, { most: '"max big"' }] },
}

eachDatabase((_, fresh) => {
  for (const schema of [undefined, 'My "Schema']) {
    const named = schema === undefined ? 'plain' : 'qualified'
    let made
    let store
    before(async () => {
      made = await fresh()
      const table = schema === undefined ? '"Order"' : '"My ""Schema"."Order"'
      if (schema !== undefined) {
        await made.query('DROP SCHEMA IF EXISTS "My ""Schema" CASCADE')
        await made.query('CREATE SCHEMA "My ""Schema"')
      }
      await made.query(`CREATE TABLE ${table} ("When" timestamp, "user" uuid, "Select" jsonb, price numeric(10,6), "isOk" boolean, big numeric, "group" text, small smallint)`)
      for (const row of ROWS) {
        const values = Object.values({ ...row, big: String(row.big) })
        await made.query(`INSERT INTO ${table} VALUES ($1::text::timestamp, $2, $3::text::jsonb, $4::float8::numeric, $5, $6::text::numeric, $7, $8)`, values)
      }
      const source = { table: 'Order', columns: COLUMNS, time: 'When', changes: 'trigger', schema }
      store = openStore({ source, rollups: [{ spec: HOURS }, { spec: DAYS, from: 'Order Hours' }] }, made.database)
      await store.init()
      await store.refresh({ now: NOW })
    })
    after(async () => await made.close())

    test(`${named}: names and types of every kind are read as they are`, async () => {
      assert.equal((await store.load('Order Hours')).digest(), folded(HOURS).digest())
      assert.equal((await store.load('select')).digest(), folded(DAYS).digest())
    })

    for (const [name, query] of Object.entries(QUERIES)) {
      test(`${named}: ${name} answers as the rows do`, async () => {
        const { result } = await store.query('Order Hours', query)
        assert.deepEqual(result.rows(), folded(HOURS).query(query).rows())
      })
    }
  }

  test('what no column of a spec takes is an error with a code', async () => {
    const made = await fresh()
    try {
      await made.query('CREATE TABLE lists (ts timestamptz, "values" int[])')
      await made.query("INSERT INTO lists VALUES ('2026-11-01', ARRAY[1])")
      const source = { table: 'lists', columns: { ts: 'timestamp', values: 'int64' }, time: 'ts' }
      const spec = { name: 'sums', bucket: '1 hour', select: { s: 'sum("values")' } }
      const store = openStore({ source, rollups: [{ spec }] }, made.database)
      await store.init()
      await assert.rejects(store.refresh({ now: NOW }), { code: 'ingest.type', path: 'column.values[0]' })
    } finally {
      await made.close()
    }
  })
})
