import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { kernels, rows, spec, thrown } from './kernels.mjs'

const HOUR = 3_600_000
const START = Date.UTC(2026, 10, 1)

for (const [name, { Rollup, IsofoldError }] of Object.entries(kernels)) {
  const filled = (rows) => {
    const rollup = new Rollup(spec)
    rollup.ingest(rows)
    return rollup
  }

  describe(`Rollup, ${name}`, () => {
    it('merges rollups, bytes, itself and rollups of another copy of the package', () => {
      const expected = filled(rows(400)).digest()
      const other = filled(rows(400).slice(150))
      const bytes = other.encode()
      const foreign = Object.values(kernels).find((kernel) => kernel.Rollup !== Rollup).Rollup.decode(bytes)
      for (const part of [other, bytes, bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), foreign]) {
        const rollup = filled(rows(150))
        rollup.merge(part)
        assert.equal(rollup.digest(), expected)
      }
      const twice = filled(rows(10))
      twice.merge(twice)
      assert.equal(twice.digest(), filled([...rows(10), ...rows(10)]).digest())
      assert.equal(thrown(() => twice.merge(7)).code, 'host.argument')
    })

    it('encodes to bytes that hash to its digest and decode to itself', () => {
      const rollup = filled(rows(400))
      const bytes = rollup.encode()
      assert.equal(createHash('sha256').update(bytes).digest('hex'), rollup.digest())
      assert.equal(Rollup.decode(bytes).digest(), rollup.digest())
      bytes[bytes.length >> 1] ^= 1
      assert.match(thrown(() => Rollup.decode(bytes)).code, /^decode\./)
    })

    it('coarsens, slices, replaces and prunes', () => {
      const rollup = filled(rows(400))
      const daily = new Rollup({ ...spec, bucket: '1 day', group_by: [] })
      daily.ingest(rows(400))
      assert.equal(rollup.coarsen({ bucket: '1 day', group_by: [] }).digest(), daily.digest())

      const noon = new Date(START + 2 * HOUR)
      const before = rollup.slice(null, noon)
      const after = rollup.slice(noon.toISOString())
      before.merge(after)
      assert.equal(before.digest(), rollup.digest())

      const copy = Rollup.decode(rollup.encode())
      copy.replace(noon, null, new Rollup(spec))
      assert.equal(copy.digest(), rollup.slice(null, noon).digest())
      copy.replace(noon, null, after.encode())
      assert.equal(copy.digest(), rollup.digest())

      const size = rollup.size
      const dropped = rollup.prune(noon)
      assert.ok(dropped > 0)
      assert.equal(rollup.size, size - dropped)
      assert.equal(rollup.digest(), after.digest())
    })

    it('refuses bounds that are no times', () => {
      const rollup = filled(rows(10))
      for (const bound of [new Date(NaN), 7, {}]) assert.equal(thrown(() => rollup.prune(bound)).code, 'host.argument')
      assert.equal(thrown(() => rollup.slice(new Date(NaN))).code, 'host.argument')
      assert.equal(thrown(() => rollup.slice('soon')).code, 'range.invalid')
    })

    it('tells its spec, its size and what it holds', () => {
      const rollup = filled([...rows(10), { ...rows(1)[0], duration_ms: NaN }])
      assert.deepEqual(rollup.spec.columns, spec.columns)
      assert.equal(new Rollup(JSON.stringify(spec)).digest(), new Rollup(rollup.spec).digest())
      assert.equal(rollup.size, 4)
      assert.equal(rollup.canonical, true)
      const { groups, rows: count, nan, first_bucket } = rollup.stats()
      assert.deepEqual([groups, count, nan.duration_ms], [4, 11, 1])
      assert.equal(new Date(first_bucket).getTime(), START)
    })

    it('throws coded errors with every problem', () => {
      const error = thrown(() => new Rollup({ ...spec, time: 'when', where: 'model =' }))
      assert.ok(error instanceof IsofoldError && error instanceof Error)
      assert.ok(error.problems.length >= 1 && error.problems[0].code === error.code)
      assert.match(error.stack, /^IsofoldError: /)
      assert.equal(thrown(() => new Rollup('{')).code, 'spec.invalid')
      assert.equal(thrown(() => new Rollup(7)).code, 'host.argument')
      const limited = new Rollup(spec, { maxGroups: 3 })
      assert.equal(thrown(() => limited.ingest(rows(10))).code, 'limit.groups')
    })

    it('is called Rollup in stacks', () => {
      assert.deepEqual([Rollup.name, IsofoldError.name], ['Rollup', 'IsofoldError'])
      const { stack } = thrown(() => filled(rows(1)).ingest([{ ts: 'never' }]))
      assert.match(stack, /at Rollup\.ingest /)
      assert.doesNotMatch(stack, /\b_[A-Z]/)
    })

    it('decodes under a limit of groups, and merges bytes under its own', () => {
      const bytes = filled(rows(10)).encode()
      const { size } = Rollup.decode(bytes)
      assert.equal(thrown(() => Rollup.decode(bytes, { maxGroups: size - 1 })).code, 'limit.groups')
      const limited = Rollup.decode(bytes, { maxGroups: size })
      limited.merge(bytes)
      limited.replace(null, null, bytes)
      assert.equal(limited.digest(), Rollup.decode(bytes).digest())
      const smaller = new Rollup(spec, { maxGroups: size - 1 })
      assert.equal(thrown(() => smaller.merge(bytes)).code, 'limit.groups')
      assert.equal(thrown(() => smaller.replace(null, null, bytes)).code, 'limit.groups')
      assert.equal(smaller.size, 0)
      for (const [maxGroups, code] of [[2 ** 40, 'limit.groups'], [-1, 'host.argument'], [1.5, 'host.argument'], ['9', 'host.argument']]) {
        assert.equal(thrown(() => Rollup.decode(bytes, { maxGroups })).code, code)
        assert.equal(thrown(() => new Rollup(spec, { maxGroups })).code, code)
      }
    })

    it('does the same work in its asynchronous forms', async () => {
      const rollup = new Rollup(spec)
      assert.equal(await rollup.ingestAsync(rows(400)), 400)
      await rollup.mergeAsync(filled(rows(10)))
      await rollup.mergeAsync(filled(rows(10)).encode())
      assert.equal(rollup.digest(), filled([...rows(400), ...rows(10), ...rows(10)]).digest())
      assert.deepEqual(await rollup.encodeAsync(), rollup.encode())
      assert.deepEqual((await rollup.queryAsync({ bucket: null })).rows(), rollup.query({ bucket: null }).rows())
      const before = rollup.digest()
      await assert.rejects(rollup.ingestAsync([...rows(3), { ...rows(1)[0], tokens: 'x' }]), { code: 'ingest.type', path: 'column.tokens[3]' })
      await assert.rejects(rollup.queryAsync({ bukket: null }), { code: 'query.unknown_key' })
      assert.equal(rollup.digest(), before)
    })
  })
}

describe('the addon and wasm', () => {
  it('write the same bytes and answer with the same bits', () => {
    const [native, wasm] = Object.values(kernels).map(({ Rollup }) => {
      const rollup = new Rollup(spec)
      rollup.ingest(rows(3000))
      return rollup
    })
    assert.deepEqual(native.encode(), wasm.encode())
    assert.deepEqual(native.query({ bucket: '1 day' }).rows(), wasm.query({ bucket: '1 day' }).rows())
  })
})
