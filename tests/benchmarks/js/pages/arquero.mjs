import { from, op } from 'arquero'
import { nothing, report, rows } from './rows.mjs'

report(nothing, () => {
  const grouped = from(rows).groupby({ hour: (row) => op.floor(row.ts / 3600000), model: (row) => row.model })
  return grouped.rollup({ n: op.count(), p95: op.quantile('ms', 0.95) }).objects().length
})
