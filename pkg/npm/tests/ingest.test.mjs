import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Table, tableFromArrays, vectorFromArray, Utf8, Dictionary, Int32, TimestampMicrosecond } from 'apache-arrow'
import { columns, kernels, row, rows, spec, thrown } from './kernels.mjs'

for (const [name, { Rollup }] of Object.entries(kernels)) {
  const folded = (...inputs) => {
    const rollup = new Rollup(spec)
    for (const input of inputs) rollup.ingest(input)
    return rollup.digest()
  }

  describe(`ingest, ${name}`, () => {
    it('gives the same bytes for rows, columns and any split of them', () => {
      const expected = folded(rows(1000))
      assert.equal(folded(columns(1000)), expected)
      assert.equal(folded(rows(1000).slice(300), rows(300)), expected)
      assert.equal(folded(...rows(1000).map((row) => [row])), expected)
    })

    it('returns the rows that passed the filter', () => {
      const rollup = new Rollup({ ...spec, where: 'tokens is not null' })
      assert.equal(rollup.ingest(rows(26)), 24)
      assert.equal(rollup.ingest([]), 0)
    })

    it('folds blocks of a long array as one batch', () => {
      const many = Array.from({ length: 200_000 }, (_, i) => row(i % 1000))
      const rollup = new Rollup(spec)
      assert.equal(rollup.ingest(many), 200_000)
      many[150_000] = { ...many[150_000], tokens: 0.5 }
      const before = rollup.digest()
      const error = thrown(() => rollup.ingest(many))
      assert.deepEqual([error.code, error.path, error.message], ['ingest.type', 'column.tokens[150000]', '0.5 is not an int64'])
      assert.equal(rollup.digest(), before)
    })

    it('takes typed arrays of every kind', () => {
      const all = rows(500)
      const tokens = all.map(({ tokens }) => tokens ?? 0)
      const with_ = (tokens) => ({ ...columns(500), tokens })
      const expected = folded(with_(tokens))
      for (const Kind of [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array]) {
        assert.equal(folded(with_(Kind.from(tokens))), expected, Kind.name)
      }
      assert.equal(folded(with_(BigInt64Array.from(tokens, BigInt))), expected)
      assert.equal(folded(with_(BigUint64Array.from(tokens, BigInt))), expected)
      assert.equal(folded({ ...with_(tokens), ok: Uint8Array.from(all, ({ ok }) => Number(ok)) }), expected)
    })

    it('folds blocks of long columns as one batch', () => {
      const small = { name: 's', columns: { ts: 'timestamp[ms]', key: 'string', n: 'int64' }, time: 'ts', bucket: '1 day', group_by: ['key'], select: { n: 'sum(n)' } }
      const count = 300_000
      const texts = ['a', 'b', 'é']
      const codes = Uint8Array.from({ length: count }, (_, i) => i % 3)
      const ts = Float64Array.from({ length: count }, (_, i) => i * 1000)
      const n = Int32Array.from({ length: count }, (_, i) => i % 100)
      const digest = (columns) => {
        const rollup = new Rollup(small)
        assert.equal(rollup.ingest(columns), count)
        return rollup.digest()
      }
      const expected = digest(Array.from(codes, (code, i) => ({ ts: ts[i], key: texts[code], n: n[i] })))
      for (const Codes of [Uint8Array, Int16Array, Uint32Array, Int32Array]) {
        assert.equal(digest({ ts, key: { codes: Codes.from(codes), texts }, n }), expected, Codes.name)
      }
      assert.equal(digest({ ts, key: Array.from(codes, (code) => texts[code]), n }), expected)
      n[200_000] = 1
      const wrong = { ts, key: { codes: codes.with(200_000, 3), texts }, n }
      assert.match(thrown(() => digest(wrong)).path, /^column\.key\[200000\]$/)
      const short = thrown(() => digest({ ts, key: { codes: codes.subarray(1), texts }, n }))
      assert.deepEqual([short.code, short.path], ['ingest.length', 'column.n'])
      for (const key of [{ codes, texts: [1, 2, 3] }, { codes: Float32Array.from(codes), texts }, { codes: BigInt64Array.from(codes, BigInt), texts }]) {
        assert.equal(thrown(() => digest({ ts, key, n })).code, 'host.argument')
      }
    })

    it('takes texts that are nearly all different, and NULLs between them', () => {
      const distinct = { name: 's', columns: { ts: 'timestamp[ms]', user: 'string' }, time: 'ts', bucket: '1 day', select: { users: 'approx_count_distinct(user)', first: 'min(user)', none: 'count(*) filter (where user is null)' } }
      const users = Array.from({ length: 5000 }, (_, i) => (i % 10 === 3 ? null : `${i % 7 ? 'user' : 'benutzer-ü-😀'}-${i}`))
      const read = (input) => {
        const rollup = new Rollup(distinct)
        rollup.ingest(input)
        return rollup
      }
      const rows = users.map((user) => ({ ts: 0, user }))
      const expected = read(rows.slice(0, 500))
      expected.ingest(rows.slice(500))
      const ts = new Float64Array(5000)
      const table = new Table({ ts: vectorFromArray(ts), user: vectorFromArray(users, new Utf8()) })
      for (const input of [rows, { ts, user: users }, table, table.slice(0, 7).concat(table.slice(7, 4000), table.slice(4000))]) {
        assert.equal(read(input).digest(), expected.digest())
      }
      assert.equal(read(rows).query().rows()[0].none, 500)
      const mixed = thrown(() => read([...rows, { ts: 0, user: 7 }]))
      assert.deepEqual([mixed.code, mixed.path], ['ingest.type', 'column.user[5000]'])
      assert.equal(thrown(() => read([...rows, { ts: 0, user: '\ud800' }])).code, 'ingest.text')
    })

    it('takes dates, ISO texts and a mixture of both as times', () => {
      const expected = folded(rows(100))
      const texts = rows(100).map((row) => ({ ...row, ts: row.ts.toISOString() }))
      assert.equal(folded(texts), expected)
      assert.equal(folded(texts.map((row, i) => (i % 3 === 0 ? { ...row, ts: new Date(row.ts) } : row))), expected)
    })

    it('takes bigints and numbers in one column', () => {
      const mixed = rows(100).map((row, i) => (i % 2 && row.tokens !== null ? { ...row, tokens: BigInt(row.tokens) } : row))
      assert.equal(folded(mixed), folded(rows(100)))
    })

    it('reads rows of any shape and columns of any number like arrays of their cells', () => {
      const names = Array.from({ length: 40 }, (_, i) => `${name}_${i}`)
      const wide = {
        name: 'wide',
        columns: { ts: 'timestamp[ms]', ...Object.fromEntries(names.map((name) => [name, 'string'])) },
        time: 'ts',
        bucket: '1 day',
        select: Object.fromEntries(names.map((name) => [`n_${name}`, `approx_count_distinct(${name})`])),
      }
      // few texts, then many, then none; keys in an order of their own in every seventh row
      const cell = (i, column) => (i > 2500 ? null : i < 1200 ? `${i % 3}` : `é${i}${column}`)
      const many = Array.from({ length: 3000 }, (_, i) => {
        const cells = names.map((name, column) => [name, cell(i, column)])
        return Object.fromEntries([['ts', i], ...(i % 7 === 0 ? cells.reverse() : cells)])
      })
      const digest = (input) => {
        const rollup = new Rollup(wide)
        assert.equal(rollup.ingest(input), 3000)
        return rollup.digest()
      }
      const columns = Object.fromEntries(Object.keys(wide.columns).map((name) => [name, many.map((row) => row[name])]))
      assert.equal(digest(many), digest(columns))
    })

    it('takes a missing key of a row for NULL, but misses a column', () => {
      const lacking = rows(50).map(({ tokens, ...row }) => (tokens === null ? row : { ...row, tokens }))
      assert.equal(folded(lacking), folded(rows(50)))
      const { tokens, ...rest } = columns(50)
      assert.ok(tokens)
      const error = thrown(() => folded(rest))
      assert.deepEqual([error.code, error.path], ['ingest.column', 'column.tokens'])
    })

    const inherited = ['toString', 'constructor', 'valueOf', 'hasOwnProperty', '__proto__', 'isPrototypeOf', 'polluted', 'given']
    for (const name of inherited) {
      it(`takes an inherited ${name} neither for a cell nor for a column`, () => {
        const named = { name: 'n', columns: JSON.parse(`{"ts":"timestamp[us]","${name}":"string"}`), time: 'ts', bucket: '1 hour', select: { n: 'count(*)', c: `count("${name}")`, most: `max("${name}")` } }
        const answer = (data) => {
          const rollup = new Rollup(named)
          rollup.ingest(data)
          return rollup.query().rows().map(({ n, c, most }) => [n, c, most])
        }
        class Row {
          ts = 0
          get given() {
            return 'x'
          }
        }
        const own = JSON.parse(`{"ts":0,"${name}":"y"}`)
        const bare = Object.assign(Object.create(null), { ts: 0 })
        const odd = Object.create({ given: 'x' }, { ts: { value: 0 } })
        Object.defineProperty(Object.prototype, 'polluted', { value: 'x', configurable: true })
        try {
          assert.deepEqual(answer([{ ts: 0 }, own, new Row(), bare, odd, { ts: 0 }]), [[6, 1, 'y']])
          // many, so that the texts of the column are read again from the first on
          const texts = Array.from({ length: 3000 }, (_, i) => JSON.parse(`{"ts":0,"${name}":"${i}"}`))
          assert.deepEqual(answer([...texts, new Row(), { ts: 0 }]), [[3002, 3000, '999']])
          assert.deepEqual(answer([own, { ts: 0 }, new Row()]), [[3, 1, 'y']])
          assert.equal(thrown(() => answer({ ts: [0, 0] })).code, 'ingest.column')
          assert.equal(thrown(() => answer([JSON.parse(`{"ts":0,"${name}":7}`), new Row()])).code, 'ingest.type')
        } finally {
          delete Object.prototype.polluted
        }
      })
    }

    it('refuses numbers of threads that make no sense, and takes all others', () => {
      for (const threads of [-1, 1.5, NaN, -Infinity, '2', null, {}, Symbol('two'), Object.create(null)]) {
        const error = thrown(() => new Rollup(spec).ingest(rows(3), { threads }))
        assert.deepEqual([error.code, error.path], ['host.argument', 'threads'], typeof threads)
      }
      for (const threads of [undefined, 0, 1, 20_000, 2 ** 32, 1e300, Infinity]) assert.equal(new Rollup(spec).ingest(rows(3), { threads }), 3)
    })

    it('takes Arrow tables, whatever their chunks, dictionaries and units', () => {
      const all = rows(300)
      const { ts, model, duration_ms, tokens, ok } = columns(300)
      const micros = vectorFromArray(ts, new TimestampMicrosecond())
      const dictionary = new Dictionary(new Utf8(), new Int32())
      const table = new Table({
        ts: micros,
        model: vectorFromArray(model, dictionary),
        duration_ms: vectorFromArray(duration_ms),
        tokens: vectorFromArray(tokens, new Int32()),
        ok: vectorFromArray(ok),
      })
      assert.equal(folded(table), folded(all))
      assert.equal(folded(table.slice(0, 100).concat(table.slice(100))), folded(all))
      // Bitmaps are cut in the middle of a byte.
      assert.equal(folded(table.slice(0, 13).concat(table.slice(13, 130), table.slice(130))), folded(all))
      const plain = tableFromArrays({ ts: Float64Array.from(ts, Number), tokens: Int32Array.of(...ts.map((_, i) => i)) })
      const small = { name: 's', columns: { ts: 'timestamp[ms]', tokens: 'int64' }, time: 'ts', bucket: '1 day', select: { n: 'sum(tokens)' } }
      const rollup = new Rollup(small)
      assert.equal(rollup.ingest(plain), 300)
    })

    const misfits = [
      [{ tokens: 3.5 }, 'ingest.type', 'column.tokens[1]', '3.5 is not an int64'],
      [{ tokens: 'x' }, 'ingest.type', 'column.tokens[1]', '"x" is not an int64'],
      [{ tokens: 2n ** 63n }, 'ingest.type', 'column.tokens[1]', '9223372036854775808 is not an int64'],
      [{ tokens: 2n ** 64n }, 'ingest.type', 'column.tokens[1]', '18446744073709551616 is not an int64'],
      [{ tokens: [1] }, 'ingest.type', 'column.tokens[1]', 'a list is not an int64'],
      [{ model: { a: 1 } }, 'ingest.type', 'column.model[1]', 'an object is not a string'],
      [{ ok: 'yes' }, 'ingest.type', 'column.ok[1]', '"yes" is not a bool'],
      [{ model: 7 }, 'ingest.type', 'column.model[1]', '7 is not a string'],
    ]
    for (const [cells, code, path, message] of misfits) {
      it(`refuses ${Object.entries(cells).map(([key, value]) => `${typeof value} as ${key}`)} in rows and in columns`, () => {
        const bad = [row(0), { ...row(1), ...cells }, row(2)]
        const asColumns = Object.fromEntries(Object.keys(spec.columns).map((name) => [name, bad.map((row) => row[name])]))
        for (const input of [bad, asColumns]) {
          const error = thrown(() => folded(input))
          assert.deepEqual([error.name, error.code, error.path, error.message], ['IsofoldError', code, path, message])
        }
      })
    }

    it('refuses text that is not Unicode, and an invalid date', () => {
      for (const model of ['\ud800', 'ok \udfff', 'é\ud800é']) {
        assert.equal(thrown(() => folded([{ ...row(0), model }])).code, 'ingest.text', JSON.stringify(model))
      }
      assert.match(thrown(() => folded([{ ...row(0), ts: new Date(NaN) }])).code, /^ingest\./)
      assert.notEqual(folded([{ ...row(0), model: '😀' }]), folded([{ ...row(0), model: '😁' }]))
    })

    it('refuses what is no table', () => {
      for (const input of [null, undefined, 7, 'rows', new Uint8Array(3)]) {
        assert.equal(thrown(() => folded(input)).code, 'host.argument')
      }
      const error = thrown(() => folded([row(0), null]))
      assert.deepEqual([error.code, error.path], ['ingest.row', 'rows[1]'])
      assert.equal(thrown(() => folded({ ...columns(3), tokens: 'abc' })).code, 'host.argument')
    })
  })
}
