/** DuckDB as a Node addon, on a native table; keys are ENUMs when they are a dictionary. */
import { join } from 'node:path'
import { DuckDBInstance, version } from '@duckdb/node-api'
import { answerOf, createTypes, rowsFrom, sqlOf } from './duckdb.mjs'

export class Contestant {
  static async open(rows) {
    const instance = await DuckDBInstance.create(':memory:', { threads: String(rows.threads) })
    const connection = await instance.connect()
    for (const sql of createTypes(rows)) await connection.run(sql)
    await connection.run(rowsFrom(`'${join(rows.folder, rows.order, 'rows.parquet')}'`, rows))
    return Object.assign(new Contestant(), { version: version(), connection })
  }

  async run(query) {
    const reader = await this.connection.runAndReadAll(sqlOf(query))
    const columns = reader.getColumnsJS()
    return Object.fromEntries(reader.columnNames().map((name, i) => [name, columns[i]]))
  }

  answer(columns) {
    return answerOf(columns)
  }
}
