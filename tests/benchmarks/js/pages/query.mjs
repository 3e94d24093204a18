import { rows } from './rows.mjs'

export function query(Rollup) {
  const rollup = new Rollup({
    name: 'first',
    columns: { ts: 'timestamp[ms]', model: 'string', ms: 'float64' },
    time: 'ts',
    bucket: '1 hour',
    group_by: ['model'],
    select: { n: 'count(*)', p95: 'approx_percentile(0.95, percentile_agg(ms))' },
  })
  rollup.ingest(rows)
  return rollup.query().rows().length
}
