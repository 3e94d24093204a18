/**
 * Every way in which the addon reads JavaScript's memory, for a tool that watches each access: `node --expose-gc
 * tests/memory/addon.mjs ADDON`. What the numbers mean is tested elsewhere; here it counts that the right ones are read.
 */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'

const { Batch, Rollup } = createRequire(import.meta.url)(process.argv[2])
const ROWS = 1000
const SPEC = JSON.stringify({
  name: 'memory',
  columns: { ts: 'timestamp[us]', model: 'string', id: 'string', ms: 'float64', tokens: 'int64', big: 'int64', ok: 'bool', seen: 'timestamp', any: 'string' },
  time: 'ts',
  bucket: '1 hour',
  group_by: ['model'],
  select: { n: 'count(*)', ids: 'approx_count_distinct(id)', ms: 'sum(ms)', tokens: 'sum(tokens)', big: 'max(big)', fine: 'bool_and(ok)', seen: 'max(seen)', any: 'mode(any)' },
})
const plain = (bytes) => new ArrayBuffer(bytes)
/** Where an array may lie: in memory that is read there, is shared, may shrink, or begins before the array. */
const MEMORIES = {
  plain: (Kind, count) => new Kind(plain(count * Kind.BYTES_PER_ELEMENT)),
  shared: (Kind, count) => new Kind(new SharedArrayBuffer(count * Kind.BYTES_PER_ELEMENT)),
  resizable: (Kind, count) => new Kind(new ArrayBuffer(count * Kind.BYTES_PER_ELEMENT, { maxByteLength: 2 * count * Kind.BYTES_PER_ELEMENT })),
  window: (Kind, count) => new Kind(plain((count + 2) * Kind.BYTES_PER_ELEMENT), Kind.BYTES_PER_ELEMENT, count),
}
const filled = (make, Kind, values) => {
  const array = make(Kind, values.length)
  array.set(values)
  return array
}
const numbers = (make, value) => Array.from({ length: ROWS }, (_, i) => make(value(i)))
const bits = (value) => new BigUint64Array(Float64Array.of(value).buffer)[0]

function batchIn(make) {
  const text = new TextEncoder().encode('abécdéf')
  const bytes = () => filled(make, Uint8Array, text)
  const offsets = () => filled(make, Uint32Array, [0, 1, 4, 8])
  const each = filled(make, Uint32Array, Array.from({ length: ROWS + 1 }, (_, i) => Math.min(i, 2)))
  const valid = () => filled(make, Uint8Array, numbers(Number, (i) => (i % 7 === 0 ? 0 : 1)))
  const batch = new Batch(ROWS)
  batch.timestamps('ts', filled(make, BigInt64Array, numbers(BigInt, (i) => i * 9_000_000)), 'us')
  batch.strings('model', filled(make, Uint32Array, numbers(Number, (i) => i % 3)), bytes(), offsets(), valid())
  batch.texts('id', filled(make, Uint8Array, text.slice(0, 2)), each, valid())
  batch.numbers('ms', filled(make, BigUint64Array, numbers(bits, (i) => i / 7)), valid())
  batch.integers('tokens', filled(make, BigInt64Array, numbers(BigInt, (i) => i)), valid())
  batch.unsigned('big', filled(make, BigUint64Array, numbers(BigInt, (i) => i)), valid())
  batch.booleans('ok', filled(make, Uint8Array, numbers(Number, (i) => i % 2)), valid())
  batch.dates('seen', filled(make, BigUint64Array, numbers(bits, (i) => i * 1000)), valid())
  batch.nulls('any')
  return batch
}

function folded(make) {
  const rollup = new Rollup(SPEC)
  const ingest = rollup.startIngest(2)
  ingest.fold(batchIn(make))
  rollup.finishIngest(ingest)
  return rollup
}

/** The addon tells an error of the kernel as JSON. */
const refused = (work) => assert.throws(work, (error) => /^\{"code":"[a-z]+\.[a-z_]+"/.test(error.message))

const whole = folded(MEMORIES.plain)
const digest = whole.digest()
for (const make of Object.values(MEMORIES)) {
  assert.equal(folded(make).digest(), digest)
  const rollup = new Rollup(SPEC)
  const ingest = rollup.startIngest(1)
  const batch = batchIn(make)
  const done = ingest.foldAsync(batch)
  batch.free()
  await done
  rollup.finishIngest(ingest)
  assert.equal(rollup.digest(), digest)
  const bytes = filled(make, Uint8Array, rollup.encode())
  const decoded = Rollup.decode(bytes, '{}')
  decoded.mergeBytes(bytes, '{}')
  await decoded.mergeBytesAsync(bytes, '{}')
  decoded.replaceBytes('{}', bytes, '{}')
  assert.equal(decoded.digest(), digest)
  assert.equal((await decoded.encodeAsync()).length, bytes.length)
  for (const length of [0, 1, 40, bytes.length - 1]) refused(() => Rollup.decode(bytes.slice(0, length), '{}'))
}
// memory that goes away between two calls
for (const end of [(buffer) => buffer.resize(0), (buffer) => buffer.resize(80), (buffer) => structuredClone(buffer, { transfer: [buffer] })]) {
  const values = MEMORIES.resizable(BigInt64Array, ROWS)
  const batch = batchIn(MEMORIES.plain)
  batch.integers('tokens', values)
  end(values.buffer)
  const rollup = new Rollup(SPEC)
  const ingest = rollup.startIngest(1)
  refused(() => ingest.fold(batch))
}
refused(() => new Batch(1).integers('x', [1]))
refused(() => new Batch(1).booleans('x', 'text'))
const misplaced = new Batch(1)
misplaced.integers('tokens', new Float64Array(1))
refused(() => new Rollup(SPEC).startIngest(1).fold(misplaced))

// what nobody holds any more is let go of by the garbage collector, what is freed only once
for (let round = 0; round < 20; round++) {
  batchIn(MEMORIES.plain)
  const rollup = folded(MEMORIES.plain)
  const frame = rollup.query('{}')
  if (round % 2 === 0) rollup.free(), rollup.free()
  if (round % 3 === 0) frame.free?.()
}
// the memory of watched rollups goes while others are made, without a turn between
const kept = []
for (let round = 0; round < 200; round++) {
  const rollup = Rollup.decode(whole.encode(), '{}')
  rollup.watch()
  if (round % 50 === 0) kept.push(rollup)
  if (round % 40 === 0) rollup.watch(), rollup.mergeBytesAsync(whole.encode(), '{}')
  if (round % 70 === 0) rollup.free()
  if (round % 20 === 0) globalThis.gc()
}
assert.equal(kept[1].digest(), digest)
const frame = whole.rows('{}')
assert.equal(frame.states().length, whole.size())
for (let column = 0; column < JSON.parse(frame.columns()).length; column++) assert.equal(frame.column(column).valid?.length ?? frame.length, frame.length)
for (let round = 0; round < 3; round++) {
  globalThis.gc()
  await new Promise((resolve) => setTimeout(resolve, 10))
}
// an environment that ends while batches and work are alive
const source = `
  const { Batch, Rollup } = require(${JSON.stringify(process.argv[2])})
  globalThis.kept = new Batch(2)
  kept.integers('tokens', BigInt64Array.of(1n, 2n), Uint8Array.of(1, 1))
  globalThis.rollup = new Rollup(${JSON.stringify(SPEC)})
  rollup.watch()
  for (let round = 0; round < 100; round++) new Rollup(${JSON.stringify(SPEC)}).watch()
  rollup.encodeAsync()`
for (let round = 0; round < 2; round++) {
  await new Promise((resolve, reject) => new Worker(source, { eval: true }).once('exit', resolve).once('error', reject))
}
console.log(`read from ${Object.keys(MEMORIES).length} kinds of memory, ${digest}`)
