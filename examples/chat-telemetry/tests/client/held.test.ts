/** Changes lead to the same bytes as folding all rows anew, or change nothing. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Change, ChangeRefused, Held } from '@/lib/client/held'
import { Levels } from '@/lib/client/levels'
import { deltaOf, replaceOf, sessionsOf } from '@/lib/client/live'
import { RANGES } from '@/lib/client/range'
import { viewOf } from '@/lib/client/view'
import { windowOf } from '@/lib/window'
import { Rollup } from 'isofold'
import { type Request, requestsBefore, rollupOf } from './requests'

const NOW = new Date('2026-11-20T14:25:00Z')
const END = windowOf(1, NOW).end
const HOUR = 3_600_000
const REQUESTS = requestsBefore(NOW, 2000)
const NEWER = requestsBefore(NOW, 40, 0.1, 3)

async function heldOf(requests: readonly Request[]): Promise<Held> {
  const rollup = rollupOf(requests)
  return Held.load(new Uint8Array(rollup.encode()), rollup.digest(), END)
}

const addition = (requests: readonly Request[], all: readonly Request[]): Change => ({
  bytes: rollupOf(requests).encode(),
  digest: rollupOf(all).digest(),
  range: null,
})

/** Every view that the levels give, with those that fresh levels of the same rows give. */
function assertViewsOf(levels: Levels, requests: readonly Request[]): void {
  const fresh = new Levels(rollupOf(requests), levels.end)
  for (const { key } of RANGES) {
    for (const domain of [null, 'shop.example']) {
      const choice = { range: key, domain, grain: null }
      assert.deepEqual(viewOf(levels, choice), viewOf(fresh, choice))
    }
  }
}

/** Fills the levels' memory of all ranges, so that changes have something to keep up. */
function look(levels: Levels): void {
  for (const { key } of RANGES) viewOf(levels, { range: key, domain: null, grain: null })
}

it('loading tells whether the server names the same digest', async () => {
  const held = await heldOf(REQUESTS)
  assert.equal(held.agreement, 'agrees')
  assert.equal(held.digest, rollupOf(REQUESTS).digest())
  const other = await Held.load(new Uint8Array(rollupOf(REQUESTS).encode()), '0'.repeat(64), END)
  assert.equal(other.agreement, 'differs')
})

it('new rows lead to the digest and the views of all rows', async () => {
  const held = await heldOf(REQUESTS)
  look(held.levels)
  held.apply(addition(NEWER, [...REQUESTS, ...NEWER]))
  assert.equal(held.agreement, 'agrees')
  assertViewsOf(held.levels, [...REQUESTS, ...NEWER])
})

it('replaced hours lead to the digest and the views of the remaining rows', async () => {
  const held = await heldOf(REQUESTS)
  look(held.levels)
  const [start, end] = [new Date(END.getTime() - 40 * HOUR), new Date(END.getTime() - 5 * HOUR)]
  const remaining = REQUESTS.filter(({ created_at }, at) => created_at < start || created_at >= end || at % 2 === 0)
  const replacing = remaining.filter(({ created_at }) => created_at >= start && created_at < end)
  held.apply({ bytes: rollupOf(replacing).encode(), digest: rollupOf(remaining).digest(), range: { start, end } })
  assert.equal(held.agreement, 'agrees')
  assertViewsOf(held.levels, remaining)
})

it('hours can be emptied', async () => {
  const held = await heldOf(REQUESTS)
  const start = new Date(END.getTime() - 48 * HOUR)
  const remaining = REQUESTS.filter(({ created_at }) => created_at < start)
  held.apply({ bytes: rollupOf([]).encode(), digest: rollupOf(remaining).digest(), range: { start, end: END } })
  assertViewsOf(held.levels, remaining)
})

it('changes that lead to another digest are taken back, as far as the last agreement', async () => {
  const held = await heldOf(REQUESTS)
  look(held.levels)
  const unchecked = requestsBefore(new Date(END.getTime() - 90 * HOUR), 30, 0.2, 5)
  held.apply({ ...addition(unchecked, []), digest: null })
  assert.equal(held.agreement, 'unchecked')
  assert.throws(() => held.apply({ ...addition(NEWER, []), digest: '0'.repeat(64) }), ChangeRefused)
  assert.equal(held.agreement, 'differs')
  assert.equal(held.digest, rollupOf(REQUESTS).digest())
  assertViewsOf(held.levels, REQUESTS)
})

it('a delta without rows changes nothing', async () => {
  const held = await heldOf(REQUESTS)
  held.apply(addition([], REQUESTS))
  assert.equal(held.agreement, 'agrees')
})

it('hostile bytes are refused and change nothing', async () => {
  const held = await heldOf(REQUESTS)
  const good = rollupOf(NEWER).encode()
  const otherSpec = new Rollup({ name: 'x', columns: { ts: 'timestamp' }, time: 'ts', bucket: '1 hour', select: { n: 'count(*)' } })
  otherSpec.ingest([{ ts: NOW }])
  const flipped = good.slice()
  flipped[100] = (flipped[100] ?? 0) ^ 1
  for (const bytes of [new Uint8Array(), good.subarray(0, good.length - 1), flipped, otherSpec.encode(), new Uint8Array(5000)]) {
    assert.throws(() => held.apply({ bytes, digest: null, range: null }), ChangeRefused)
  }
  const outside = { start: new Date(END.getTime() - 9000 * HOUR), end: new Date(END.getTime() - 8999 * HOUR) }
  assert.throws(() => held.apply({ bytes: good, digest: null, range: outside }), ChangeRefused)
  const uneven = { start: new Date(END.getTime() - 1000), end: END }
  assert.throws(() => held.apply({ bytes: good, digest: null, range: uneven }), ChangeRefused)
  assertViewsOf(held.levels, REQUESTS)
  held.check()
})

it('a new hour moves all ranges', async () => {
  const { levels } = await heldOf(REQUESTS)
  look(levels)
  const before = levels.version
  levels.advance(END)
  assert.equal(levels.version, before)
  levels.advance(new Date(END.getTime() + HOUR))
  assertViewsOf(levels, REQUESTS)
})

it('events of the live stream are read', () => {
  const bytes = Buffer.from(rollupOf(NEWER).encode()).toString('base64')
  const digest = 'a'.repeat(64)
  assert.deepEqual(deltaOf(JSON.stringify({ bytes, digest })), { bytes: rollupOf(NEWER).encode(), digest, range: null })
  assert.equal(deltaOf(JSON.stringify({ bytes })).digest, null)
  const [start, end] = ['2026-11-20T10:00:00Z', '2026-11-20T12:00:00Z']
  assert.deepEqual(replaceOf(JSON.stringify({ bytes, digest, start, end })).range, { start: new Date(start), end: new Date(end) })
  assert.equal(sessionsOf('{"activeSessions":2,"currentCost":"0.1","sessionsData":[]}').activeSessions, 2)
})

it('broken events are refused with words', () => {
  const refused = (read: () => unknown, words: RegExp): void =>
    assert.throws(read, (error) => error instanceof ChangeRefused && words.test(error.message))
  refused(() => deltaOf('<html>'), /not JSON/)
  refused(() => deltaOf('null'), /not JSON/)
  refused(() => deltaOf('{}'), /no bytes/)
  refused(() => deltaOf('{"bytes":"%%%"}'), /not base64/)
  refused(() => deltaOf('{"bytes":"","digest":"x"}'), /digest/)
  refused(() => deltaOf(`{"bytes":"${'A'.repeat(16_000_000)}"}`), /characters/)
  refused(() => replaceOf('{"bytes":"","start":"yesterday","end":1}'), /start/)
  refused(() => replaceOf('{"bytes":"","start":"2026-11-20T10:00:00Z","end":"2026-11-20T10:00:00Z"}'), /ends before/)
  refused(() => sessionsOf('{"activeSessions":"2"}'), /another form/)
})
