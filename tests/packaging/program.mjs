/** What every fresh project runs: folds rows and tells the digest, which must be the same everywhere. */

const spec = {
  name: 'requests',
  columns: { ts: 'timestamp', model: 'string', user_id: 'string', duration_ms: 'float64', tokens: 'int64', ok: 'bool' },
  time: 'ts',
  bucket: '1 hour',
  group_by: ['model'],
  select: {
    requests: 'count(*)',
    tokens: 'sum(tokens)',
    avg_duration_ms: 'avg(duration_ms)',
    p95_duration_ms: 'approx_percentile(0.95, percentile_agg(duration_ms))',
    users: 'approx_count_distinct(user_id)',
    all_ok: 'bool_and(ok)',
  },
}

const MODELS = ['gpt-4.1', 'claude', 'mixtral-8×22b', null]
const START = Date.UTC(2026, 10, 1)

function row(i) {
  return {
    ts: new Date(START + i * 61_000),
    model: MODELS[(i * 7) % 4],
    user_id: `user-${(i * i) % 311}`,
    duration_ms: ((i * 7919) % 10_007) / 8 + 0.1,
    tokens: i % 13 === 0 ? null : (i * 31) % 4096,
    ok: i % 97 !== 0,
  }
}

/** Folds 2,000 rows: half as objects, half as columns of another rollup that is merged in as bytes. */
export async function report(isofold) {
  await isofold.init()
  const rows = Array.from({ length: 2000 }, (_, i) => row(i))
  const rollup = new isofold.Rollup(spec)
  rollup.ingest(rows.slice(0, 1000))
  const other = new isofold.Rollup(spec)
  const rest = rows.slice(1000)
  other.ingest({
    ts: rest.map(({ ts }) => ts),
    model: rest.map(({ model }) => model),
    user_id: rest.map(({ user_id }) => user_id),
    duration_ms: Float64Array.from(rest, ({ duration_ms }) => duration_ms),
    tokens: rest.map(({ tokens }) => (tokens === null ? null : BigInt(tokens))),
    ok: rest.map(({ ok }) => ok),
  })
  rollup.merge(other.encode())
  const answer = rollup.query({ bucket: '1 day', select: ['requests', 'p95_duration_ms', 'users'] }).rows()
  return { backend: isofold.backend, digest: rollup.digest(), answer: JSON.stringify(answer) }
}
