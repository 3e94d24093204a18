// Keys that were crafted to share places under the public hash of the format cost what random ones cost.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

// before the kernels are loaded: how often they ask for random numbers
let draws = 0
const { crypto } = globalThis
const drawn = crypto.getRandomValues.bind(crypto)
crypto.getRandomValues = (words) => {
  draws += 1
  return drawn(words)
}
const { kernels } = await import('./kernels.mjs')

const MASK = (1n << 64n) - 1n
const [P1, P2, P3, P4, P5] = [0x9e3779b185ebca87n, 0xc2b2ae3d27d4eb4fn, 0x165667b19e3779f9n, 0x85ebca77c2b2ae63n, 0x27d4eb2f165667c5n]
const KEYS = 20_000
/** Crafted keys take 40 times as long and more where places are public; clocks of busy machines are off by less. */
const FAR = 8

const rotated = (x, by) => ((x >> by) | (x << (64n - by))) & MASK

/** The factor that undoes an odd one. */
function inverse(odd) {
  let found = odd
  for (let step = 0; step < 6; step += 1) found = (found * (2n - odd * found)) & MASK
  return found & MASK
}
const [I1, I2, I3] = [P1, P2, P3].map(inverse)

function unshifted(x, by) {
  let found = x
  for (let step = 0n; step < 64n; step += by) found = x ^ (found >> by)
  return found
}

/** The int64 whose XXH64 with seed 2 is `wanted`: for eight bytes it can be undone. */
function keyOf(wanted) {
  const third = (unshifted(wanted, 32n) * I3) & MASK
  const second = (unshifted(third, 29n) * I2) & MASK
  const first = rotated(((unshifted(second, 33n) - P4) * I1) & MASK, 27n)
  const word = (rotated(((first ^ ((2n + P5 + 8n) & MASK)) * I1) & MASK, 31n) * I2) & MASK
  return BigInt.asIntN(64, word)
}

const spec = {
  name: 'flood', columns: { ts: 'timestamp[us]', k: 'int64' }, time: 'ts', bucket: '1 hour', group_by: ['k'],
  select: { n: 'count(*)', values: 'value_counts(k)' },
}
const crafted = BigInt64Array.from({ length: KEYS }, (_, i) => keyOf(BigInt(i + 1) << 32n))
const random = BigInt64Array.from({ length: KEYS }, (_, i) => BigInt.asIntN(64, (BigInt(i + 1) * P1) ^ P3))

/** The least of several times, in ms; one when it is long. */
function least(work) {
  let best = Infinity
  for (let round = 0; round < 5 && (round === 0 || best < 500); round += 1) {
    const begin = performance.now()
    work()
    best = Math.min(best, performance.now() - begin)
  }
  return best
}

for (const [name, { Rollup }] of Object.entries(kernels)) {
  const costs = (k) => {
    const folded = () => {
      const rollup = new Rollup(spec)
      rollup.ingest({ ts: new BigInt64Array(KEYS), k })
      return rollup
    }
    const ingest = least(folded)
    const bytes = folded().encode()
    const decode = least(() => Rollup.decode(bytes))
    const into = new Rollup(spec)
    return { ingest, decode, merge: least(() => into.merge(bytes)) }
  }

  describe(`Flooding, ${name}`, () => {
    it('costs no more with crafted keys than with random ones', () => {
      const [usual, found] = [costs(random), costs(crafted)]
      for (const verb of Object.keys(usual)) {
        assert.ok(found[verb] < FAR * usual[verb], `${verb}: ${found[verb]} ms, of random keys ${usual[verb]} ms`)
      }
    })
  })
}

it('draws a secret for the wasm kernel alone, once', () => {
  assert.equal(draws, 1)
})
