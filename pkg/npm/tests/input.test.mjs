import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DateDay, RecordBatchReader, tableFromArrays, tableFromIPC, tableToIPC, Table, TimestampMillisecond, vectorFromArray } from 'apache-arrow'
import { IsofoldError } from '../dist/esm/native.js'
import { kernels, thrown } from './kernels.mjs'

const spec = {
  name: 'small',
  columns: { ts: 'timestamp[s]', duration_ms: 'float64', note: { type: 'string', optional: true } },
  time: 'ts',
  bucket: '1 hour',
  select: { n: 'count(*)', total: 'sum(duration_ms)', notes: 'count(note)' },
}

for (const [name, { Rollup }] of Object.entries(kernels)) {
  const folded = (...inputs) => {
    const rollup = new Rollup(spec)
    for (const input of inputs) rollup.ingest(input)
    return rollup.digest()
  }
  const refused = (input, options) => {
    const rollup = new Rollup(spec)
    const { code, path, message } = thrown(() => rollup.ingest(input, options))
    assert.equal(rollup.size, 0)
    return [code, path, message]
  }

  describe(`what is taken as input, ${name}`, () => {
    const [full, bare] = [{ ts: 1, duration_ms: 2.5, note: 'a' }, { ts: 2 }]

    it('takes a key that a row lacks as NULL, whatever the batches', () => {
      const expected = folded([full, { ...bare, duration_ms: null, note: null }])
      for (const batches of [[[full, bare]], [[full], [bare]], [[bare], [full]], [new Set([bare, full])]]) assert.equal(folded(...batches), expected)
      assert.equal(folded({ ts: [1], duration_ms: [2] }), folded([{ ts: 1, duration_ms: 2 }]))
    })

    it('refuses typing errors, and under strict all that is not declared', () => {
      for (const typed of ['durationMs', 'Duration-MS']) {
        const words = `no row has duration_ms, but rows have ${typed}, which is not declared`
        assert.deepEqual(refused([{ ts: 1, [typed]: 2 }]), ['ingest.column', 'column.duration_ms', words])
      }
      assert.deepEqual(refused([{ TS: 1, durationMs: 2 }]), ['ingest.column', 'column.ts', 'no row has ts, but rows have TS, which is not declared'])
      const columns = refused({ ts: [1], durationMs: [2] })
      assert.deepEqual(columns, ['ingest.column', 'column.duration_ms', 'the batch has no column duration_ms, it has ts, durationMs'])
      assert.equal(refused(tableFromArrays({ ts: [1], other: [1] }))[2], 'the batch has no column duration_ms, it has ts, other')
      assert.equal(refused([{ ...full, extra: 1 }], { strict: true })[1], 'column.extra')
      assert.equal(refused({ ts: [1], duration_ms: [1], extra: [1] }, { strict: true })[1], 'column.extra')
      assert.equal(refused([{ ts: 1 }], { strict: 'columns' })[1], 'column.duration_ms')
      assert.equal(new Rollup(spec).ingest([{ ts: 1, duration_ms: undefined }], { strict: true }), 1)
      for (const options of [{ strict: 'all' }, { on_row_error: 'raise' }, { onRowError: 'skip' }, 5]) assert.equal(refused([full], options)[0], 'host.argument')
    })

    it('takes what has no names for no row, whatever it is', () => {
      class Kept extends Map {}
      const things = [
        [5, 'a number'], ['a', 'a text'], [null, 'null'], [undefined, 'undefined'], [true, 'a boolean'], [7n, 'a bigint'], [Symbol('s'), 'a symbol'],
        [[1, 2], 'an array'], [new Float64Array(2), 'a typed array'], [new Map(), 'a Map'], [new Kept(), 'a Map'], [new Set(), 'a Set'], [new Date(0), 'a Date'],
        [Promise.resolve({ ts: 1 }), 'a Promise'], [() => full, 'a function'], [class Row {}, 'a function'], [/x/, 'a RegExp'], [tableFromArrays({ ts: [1] }), 'a table'],
      ]
      for (const [thing, what] of things) {
        for (const rows of [[full, thing], new Set([full, thing])]) {
          const [code, path, message] = refused(rows)
          assert.deepEqual([code, path], ['ingest.row', 'rows[1]'], what)
          assert.ok(message.startsWith(`a row must be a mapping or an object, of names and values, got ${what}`), message)
        }
        const rollup = new Rollup(spec)
        const { rows, errors } = rollup.ingest([full, thing, bare, thing], { on_row_error: 'skip', strict: true })
        assert.deepEqual([rows, errors['ingest.row'].count, errors['ingest.row'].first.map(({ row }) => row)], [2, 2, [1, 3]], what)
      }
      assert.match(refused([Promise.resolve()])[2], /await it first$/)
      const many = Array.from({ length: 300_000 }, () => full)
      many[290_000] = null
      assert.equal(refused(many)[1], 'rows[290000]')
      const told = refused([full, new IsofoldError({ code: 'host.argument', message: 'record 7 is damaged', path: '' })])
      assert.deepEqual(told, ['ingest.row', 'rows[1]', 'record 7 is damaged'])
      for (const input of [Promise.resolve([full]), new Date(0), /x/]) assert.equal(refused(input)[0], 'host.argument')
      // objects of classes and without a parent are rows
      const own = Object.assign(Object.create(null), full)
      class Row { constructor() { Object.assign(this, full) } }
      assert.equal(new Rollup(spec).ingest([own, new Row(), new Row(), full]), 4)
    })

    it('refuses native times without a zone where only the buckets have one', () => {
      const berlin = { ...spec, columns: { ts: 'timestamp' }, bucket: { width: '1 day', timezone: 'Europe/Berlin' }, select: { n: 'count(*)' } }
      const naive = new Table({ ts: vectorFromArray([new Date(0)], new TimestampMillisecond()) })
      const day = new Table({ ts: vectorFromArray([new Date(0)], new DateDay()) })
      for (const table of [naive, day]) {
        const { code, path, message } = thrown(() => new Rollup(berlin).ingest(table))
        assert.deepEqual([code, path], ['ingest.time', 'column.ts[0]'])
        assert.match(message, /^the time 1970-01-01T00:00:00 has no zone .*"timezone": "Europe\/Berlin"/)
        assert.equal(new Rollup({ ...berlin, columns: { ts: { type: 'timestamp', timezone: 'UTC' } } }).ingest(table), 1)
      }
      const zoned = new Table({ ts: vectorFromArray([new Date(0)], new TimestampMillisecond('UTC')) })
      for (const input of [zoned, [{ ts: new Date(0) }], { ts: [new Date(0)] }, [{ ts: '1970-01-01T00:00:00Z' }]]) assert.equal(new Rollup(berlin).ingest(input), 1)
    })

    it('refuses groupBy, and names it', () => {
      const error = thrown(() => new Rollup(spec).coarsen({ groupBy: [] }))
      assert.deepEqual([error.code, error.path], ['host.argument', 'groupBy'])
    })

    it('skips rows that do not fit, and counts them', () => {
      const rollup = new Rollup(spec)
      const rows = [full, { ts: 3, duration_ms: 'x' }, { ts: 'soon', duration_ms: 1 }, { ts: 4, duration_ms: 1, note: '\ud800' }, bare]
      const report = rollup.ingest(rows, { on_row_error: 'skip' })
      assert.deepEqual([report.rows, report.skipped], [2, 3])
      const counts = Object.entries(report.errors).map(([code, { count, first }]) => [code, count, first[0].path])
      assert.deepEqual(counts, [['ingest.type', 1, 'column.duration_ms[1]'], ['ingest.time', 1, 'column.ts[2]'], ['ingest.text', 1, 'column.note[3]']])
      assert.equal(rollup.digest(), folded([full, bare]))
    })

    it('folds generators, async ones by ingestAsync, and iterables of tables', async () => {
      const many = Array.from({ length: 150_000 }, (_, at) => ({ ts: at, duration_ms: at }))
      const expected = folded(many)
      assert.equal(folded(many.values()), expected)
      async function* coming() {
        yield* many
      }
      const rollup = new Rollup(spec)
      assert.equal(await rollup.ingestAsync(coming()), 150_000)
      assert.equal(rollup.digest(), expected)
      assert.match(refused(coming())[2], /ingestAsync/)
      const table = tableFromArrays({ ts: Float64Array.from(many, ({ ts }) => ts), duration_ms: Float64Array.from(many, ({ ts }) => ts) })
      assert.equal(folded([table.slice(0, 100), table.slice(100)]), expected)
      assert.equal(folded(RecordBatchReader.from(tableToIPC(table))), expected)
    })

    it('leaves the rollup as it was when a generator throws', () => {
      const rollup = new Rollup(spec)
      rollup.ingest([full])
      const before = rollup.digest()
      const failing = function* () {
        for (let at = 0; at < 140_000; at++) yield full
        throw new RangeError('gone')
      }
      assert.throws(() => rollup.ingest(failing()), RangeError)
      const bad = function* () {
        for (let at = 0; at < 140_000; at++) yield at === 135_000 ? { ...full, duration_ms: 'x' } : full
      }
      assert.equal(thrown(() => rollup.ingest(bad())).path, 'column.duration_ms[135000]')
      assert.equal(rollup.digest(), before)
    })

    it('tells one row by itself to be wrapped', () => {
      assert.match(refused(full)[2], /one row is wrapped in an array/)
    })

    it('reads times without a zone off the clock of their column', () => {
      const zoned = { ...spec, columns: { ts: { type: 'timestamp', timezone: 'America/New_York' } }, bucket: '1 minute', select: { n: 'count(*)' } }
      const starts = (input) => {
        const rollup = new Rollup(zoned)
        rollup.ingest(input)
        return rollup.query().rows().map(({ bucket }) => bucket.toISOString().slice(5, 16))
      }
      assert.deepEqual(starts([{ ts: '2026-03-08T02:30' }, { ts: '2026-11-01T01:30' }, { ts: '2026-07-01T00:00Z' }]), ['03-08T07:30', '07-01T00:00', '11-01T06:30'])
      assert.deepEqual(starts([{ ts: new Date('2026-07-01T00:00Z') }]), ['07-01T00:00'])
      const days = new Table({ ts: vectorFromArray([new Date('2026-07-01T00:00Z')], new DateDay()) })
      assert.deepEqual(starts(tableFromIPC(tableToIPC(days))), ['07-01T04:00'])
      const berlin = { ...zoned, columns: { ts: 'timestamp' }, bucket: { width: '1 day', timezone: 'Europe/Berlin' } }
      const error = thrown(() => new Rollup(berlin).ingest([{ ts: '2026-07-01T00:30' }]))
      assert.deepEqual([error.code, error.path], ['ingest.time', 'column.ts[0]'])
      assert.match(error.message, /"timezone": "Europe\/Berlin"/)
    })
  })
}
