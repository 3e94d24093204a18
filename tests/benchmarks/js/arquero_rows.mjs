/** Arquero on columns: exact quantiles and distinct counts. */
import { createRequire } from 'node:module'
import { op, table } from 'arquero'

const SELECT = {
  simple: {
    count: op.count(),
    sum: op.sum('cost_usd'),
    min: op.min('cost_usd'),
    max: op.max('cost_usd'),
  },
  full: {
    count: op.count(),
    sum: op.sum('cost_usd'),
    avg: op.mean('duration_ms'),
    min: op.min('duration_ms'),
    max: op.max('duration_ms'),
    stddev: op.stdev('duration_ms'),
    p50: op.quantile('duration_ms', 0.5),
    p95: op.quantile('duration_ms', 0.95),
    p99: op.quantile('duration_ms', 0.99),
    users: op.distinct('user_id'),
    errors: (row) => op.sum(row.status_code >= 400 ? 1 : 0),
  },
}

export class Contestant {
  static async open(rows) {
    const { version } = createRequire(import.meta.url)('arquero/package.json')
    const { model, user_id, ...rest } = rows.typed()
    const { models, users } = rows.told
    const texts = { model: Array.from(model, (code) => models[code]), user_id: Array.from(user_id, (code) => users[code]) }
    return Object.assign(new Contestant(), { version, table: table({ ...rest, ...texts }) })
  }

  run(query) {
    const rolled = this.table.groupby({ hour_ms: (row) => op.floor(row.ts / 3600000) * 3600000, model: (row) => row.model }).rollup(SELECT[query])
    return Object.fromEntries(rolled.columnNames().map((name) => [name, rolled.array(name)]))
  }

  answer(columns) {
    return columns
  }
}
