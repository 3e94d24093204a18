// Options of calls: what a call does not know, and what does not fit, is refused with one code, and changes nothing.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kernels, rows, spec, thrown } from './kernels.mjs'

const KNOWN = {
  new: ['maxGroups'],
  decode: ['maxRows', 'maxGroups', 'start', 'end'],
  merge: ['maxRows', 'maxGroups', 'start', 'end'],
  mergeAsync: ['maxRows', 'maxGroups', 'start', 'end'],
  replace: ['maxRows', 'maxGroups'],
  fromRows: ['maxRows', 'maxGroups', 'start', 'end', 'duplicates'],
  mergeRows: ['maxRows', 'maxGroups', 'start', 'end'],
  rows: ['decimals'],
  ingest: ['threads', 'strict', 'on_row_error'],
  ingestAsync: ['threads', 'strict', 'on_row_error'],
  coarsen: ['bucket', 'group_by'],
}
const MEANT = {
  max_groups: 'maxGroups', 'max-groups': 'maxGroups', maxgroups: 'maxGroups', MaxGroups: 'maxGroups', max_rows: 'maxRows',
  onRowError: 'on_row_error', Threads: 'threads', groupBy: 'group_by', groupby: 'group_by', DUPLICATES: 'duplicates',
  // no other spelling, but another word: what is known is told
  maxGruops: undefined, thread: undefined, starts: undefined,
}

for (const [name, { IsofoldError, Rollup }] of Object.entries(kernels)) {
  const made = () => {
    const rollup = new Rollup(spec)
    rollup.ingest(rows(50))
    return rollup
  }
  const bytes = made().encode()
  const rollup = made()
  const doors = {
    new: (options) => new Rollup(spec, options),
    decode: (options) => Rollup.decode(bytes, options),
    merge: (options) => rollup.merge(bytes, options),
    mergeAsync: (options) => rollup.mergeAsync(bytes, options),
    replace: (options) => rollup.replace(null, null, bytes, options),
    fromRows: (options) => Rollup.fromRows(spec, [], options),
    mergeRows: (options) => rollup.mergeRows([], options),
    rows: (options) => rollup.rows(options),
    ingest: (options) => rollup.ingest(rows(1), options),
    ingestAsync: (options) => rollup.ingestAsync(rows(1), options),
    coarsen: (options) => rollup.coarsen(options),
  }
  const error = async (work) => await (async () => work())().then(() => undefined, (error) => error)

  describe(`options, ${name}`, () => {
    for (const [door, act] of Object.entries(doors)) {
      it(`of ${door} are those it knows`, async () => {
        const before = rollup.digest()
        for (const key of [...Object.keys(MEANT), 'x', '', 'toString', '__proto__']) {
          const options = Object.defineProperty({}, key, { value: 1, enumerable: true })
          const { code, path, message } = await error(() => act(options))
          assert.deepEqual([code, path], ['host.argument', key], message)
          const [meant] = KNOWN[door].filter((known) => known === MEANT[key])
          const hint = meant === undefined ? '' : `, ${meant} is meant`
          assert.equal(message, `the option ${key} is unknown${hint}; known are ${KNOWN[door].join(', ')}`)
        }
        assert.equal(rollup.digest(), before)
      })

      it(`of ${door} are an object`, async () => {
        const odd = { 5: 5, text: 'text', 'a function': () => 1, 'a list': [], 'a Map': new Map([['maxGroups', 1]]), 'a Promise': Promise.resolve({}), 'one of a class with none of': new (class Other { #x = 1; get other() { return this.#x } })() }
        for (const [words, options] of Object.entries(odd)) {
          if (door === 'coarsen' && options === 'text') continue
          const { code, path, message } = await error(() => act(options))
          assert.deepEqual([code, path], ['host.argument', 'options'], words)
          assert.ok(message.startsWith(`options must be an object, got ${words}`), message)
        }
      })
    }

    it('are read once, as own properties, of a class, without a prototype, frozen, or through a proxy', () => {
      let reads = 0
      class Limits {
        get maxGroups() {
          reads += 1
          return 2
        }
      }
      const forms = [{ maxGroups: 2 }, Object.freeze({ maxGroups: 2 }), Object.assign(Object.create(null), { maxGroups: 2 }), Object.create({ maxGroups: 2 }), new Limits(), new Proxy({ maxGroups: 2 }, {}), { maxGroups: 2, [Symbol('mark')]: 1 }]
      for (const options of forms) {
        assert.equal(thrown(() => new Rollup(spec, options).ingest(rows(50))).code, 'limit.groups')
        assert.equal(thrown(() => Rollup.decode(bytes, options)).code, 'limit.groups')
      }
      assert.equal(reads, 2)
      new Rollup(spec, { maxGroups: undefined }).ingest(rows(50))
      Rollup.decode(bytes, null)
    })

    it('let through what their own code throws', () => {
      const own = new TypeError('mine')
      const throws = () => { throw own }
      const traps = ['ownKeys', 'getPrototypeOf', 'get', 'has', 'getOwnPropertyDescriptor']
      const all = [{ get maxGroups() { throw own } }, ...traps.map((trap) => new Proxy({ maxGroups: 1 }, { [trap]: throws }))]
      for (const options of all) {
        const error = (() => {
          try {
            Rollup.decode(bytes, options)
          } catch (error) {
            return error
          }
        })()
        assert.ok(error === own || error instanceof IsofoldError, String(error))
      }
    })

    it('are not those that somebody put into every object', () => {
      Object.defineProperty(Object.prototype, 'maxGroups', { value: 1, configurable: true, enumerable: true })
      Object.defineProperty(Object.prototype, 'other', { value: 1, configurable: true, enumerable: true })
      try {
        new Rollup(spec, {}).ingest(rows(50))
        Rollup.decode(bytes, {})
      } finally {
        delete Object.prototype.maxGroups
        delete Object.prototype.other
      }
    })

    it('have limits that are whole numbers', async () => {
      const limits = { maxGroups: '2147483648', maxRows: '4611686018427387904' }
      for (const [limit, most] of Object.entries(limits)) {
        for (const [words, value] of [['1e+300', 1e300], ['NaN', NaN], ['Infinity', Infinity], ['-1', -1], ['1.5', 1.5], ['5', '5'], ['null', null], ['true', true], ['-1', -1n], ['a list', [5]], ['an object', {}]]) {
          for (const door of ['new', 'decode', 'merge', 'mergeAsync', 'replace', 'fromRows', 'mergeRows']) {
            if (!KNOWN[door].includes(limit)) continue
            const { code, path, message } = await error(() => doors[door]({ [limit]: value }))
            assert.deepEqual([code, path, message], ['host.argument', limit, `${limit} must be a whole number from 0 to ${most}, got ${words}`], door)
          }
        }
      }
      for (const door of ['new', 'decode', 'merge', 'replace', 'fromRows']) {
        const { code, message } = await error(() => doors[door]({ maxGroups: 2 ** 31 + 1 }))
        assert.deepEqual([code, message], ['limit.groups', 'maxGroups must be from 0 to 2147483648, got 2147483649'], door)
      }
      for (const threads of [-1, 1.5, NaN, '2', null, 2n]) assert.equal((await error(() => doors.ingest({ threads }))).path, 'threads')
      assert.equal((await error(() => doors.rows({ decimals: 'number' }))).code, 'host.argument')
      assert.equal((await error(() => doors.fromRows({ duplicates: 'keep' }))).path, 'duplicates')
    })

    it('that go into the kernel as JSON are objects with numbers', () => {
      class Query { get bucket() { return null } }
      for (const odd of [new Map([['bucket', null]]), Promise.resolve({}), new Date(), new Set(), /x/, new Query()]) {
        for (const [path, act] of [['query', () => rollup.query(odd)], ['spec', () => new Rollup(odd)]]) {
          const { code, path: place } = thrown(act)
          assert.deepEqual([code, place], ['host.argument', path])
        }
      }
      for (const limit of [NaN, Infinity, -Infinity]) {
        const { code, path, message } = thrown(() => rollup.query({ limit }))
        assert.deepEqual([code, path, message], ['host.argument', 'limit', `a number is wanted, got ${limit}`])
      }
      class Own { bucket = null }
      assert.equal(rollup.query(new Own()).columns.includes('bucket'), false)
      assert.equal(rollup.query(Object.create(null)).length, rollup.query().length)
    })
  })
}
