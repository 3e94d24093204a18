/** Both backends, for tests that must hold on each. */
import { readFileSync } from 'node:fs'
import * as native from '../dist/esm/native.js'
import * as wasm from '../dist/esm/slim.js'

wasm.initSync(readFileSync(new URL('../dist/isofold.wasm', import.meta.url)))

export const kernels = { native, wasm }

/** A spec with every type of column. */
export const spec = {
  name: 'requests',
  columns: { ts: 'timestamp', model: 'string', duration_ms: 'float64', tokens: 'int64', ok: 'bool' },
  time: 'ts',
  bucket: '1 hour',
  group_by: ['model'],
  select: {
    requests: 'count(*)',
    tokens: 'sum(tokens)',
    max_tokens: 'max(tokens)',
    p95_ms: 'approx_percentile(0.95, percentile_agg(duration_ms))',
    all_ok: 'bool_and(ok)',
    top_tokens: 'value_counts(tokens)',
    last_seen: 'max(ts)',
  },
}

const START = Date.UTC(2026, 10, 1)

/** Row `i` of an endless table. */
export function row(i) {
  return {
    ts: new Date(START + i * 61_000),
    model: ['gpt', 'claude', 'mixtral-8×22b', null][(i * 7) % 4],
    duration_ms: ((i * 7919) % 10_007) / 8 + 0.1,
    tokens: i % 13 === 0 ? null : (i * 31) % 97,
    ok: i % 97 !== 0,
  }
}

/** The first `count` rows. */
export function rows(count) {
  return Array.from({ length: count }, (_, i) => row(i))
}

/** The first `count` rows as columns. */
export function columns(count) {
  const all = rows(count)
  return Object.fromEntries(Object.keys(spec.columns).map((name) => [name, all.map((row) => row[name])]))
}

/** What `work` throws. */
export function thrown(work) {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
