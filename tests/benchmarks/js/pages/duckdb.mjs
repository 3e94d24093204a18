import { AsyncDuckDB, VoidLogger } from '@duckdb/duckdb-wasm'
import { report, rows } from './rows.mjs'

const address = async (path, type) => URL.createObjectURL(new Blob([await (await fetch(path)).arrayBuffer()], { type }))

report(
  async () => [await address('/duckdb-eh.wasm', 'application/wasm'), await address('/duckdb-browser-eh.worker.js', 'text/javascript')],
  async ([wasm, worker]) => {
    const database = new AsyncDuckDB(new VoidLogger(), new Worker(worker))
    await database.instantiate(wasm)
    const connection = await database.connect()
    await connection.query('CREATE TABLE first (ts BIGINT, model VARCHAR, ms DOUBLE)')
    await connection.query(`INSERT INTO first VALUES ${rows.map(({ ts, model, ms }) => `(${ts}, '${model}', ${ms})`).join(', ')}`)
    const sql = 'SELECT ts // 3600000, model, count(*), approx_quantile(ms, 0.95) FROM first GROUP BY 1, 2'
    return (await connection.query(sql)).toArray().length
  },
)
