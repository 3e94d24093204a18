/** DuckDB-Wasm in this thread, in the build for engines with exceptions, on a native table. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createDuckDB, NODE_RUNTIME, VoidLogger } from '@duckdb/duckdb-wasm/blocking'
import { answerOf, createTypes, rowsFrom, sqlOf } from './duckdb.mjs'

const dist = dirname(createRequire(import.meta.url).resolve('@duckdb/duckdb-wasm'))

/** An opened database. */
export async function openDuckDB() {
  const files = (name) => ({ mainModule: join(dist, `duckdb-${name}.wasm`), mainWorker: join(dist, `duckdb-node-${name}.worker.cjs`) })
  const database = await createDuckDB({ mvp: files('mvp'), eh: files('eh') }, new VoidLogger(), NODE_RUNTIME)
  await database.instantiate()
  database.open({})
  return database
}

export class Contestant {
  static async open(rows) {
    const database = await openDuckDB()
    const connection = database.connect()
    for (const sql of createTypes(rows)) connection.query(sql)
    connection.insertArrowFromIPCStream(new Uint8Array(rows.bytes('dictionary.arrows')), { name: 'arrow' })
    connection.query(rowsFrom('arrow', rows))
    connection.query('DROP TABLE arrow')
    const [{ version }] = connection.query('SELECT version() AS version').toArray()
    return Object.assign(new Contestant(), { version, connection })
  }

  run(query) {
    const table = this.connection.query(sqlOf(query))
    return Object.fromEntries(table.schema.fields.map(({ name }) => [name, table.getChild(name).toArray()]))
  }

  answer(columns) {
    return answerOf(columns)
  }
}
