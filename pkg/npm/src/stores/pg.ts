/** PostgreSQL through a client or a pool of `pg`. */
import { type Connection, type Driver, PARSERS, type SqlCell, type SqlRow } from './driver.js'

/** What is used of `pg.Client`. */
export interface PgClient {
  query(query: PgQuery): Promise<{ rows: unknown[] }>
}

/** What is used of `pg.Pool`. */
export interface PgPool {
  connect(): Promise<PgClient & { release(error?: boolean): void }>
  readonly totalCount: number
}

interface PgQuery {
  readonly text: string
  readonly values: readonly unknown[]
  readonly rowMode: 'array'
  readonly types: { getTypeParser(oid: number): (text: string) => unknown }
}

const types = { getTypeParser: (oid: number) => PARSERS[oid] ?? ((text: string): unknown => text) }

/** The driver of a client, which belongs to the store alone, or of a pool. */
export function pgDriver(database: PgClient | PgPool): Driver {
  if (!('totalCount' in database)) {
    const connection = connectionOf(database)
    return { session: (work) => work(connection) }
  }
  return {
    async session(work) {
      const client = await database.connect()
      try {
        return await work(connectionOf(client))
      } finally {
        client.release()
      }
    },
  }
}

function connectionOf(client: PgClient): Connection {
  return {
    async run(sql: string, parameters: readonly SqlCell[]): Promise<SqlRow[]> {
      const values = parameters.map((value) => (typeof value === 'bigint' ? value.toString() : value))
      const { rows } = await client.query({ text: sql, values, rowMode: 'array', types })
      return rows as SqlRow[]
    },
    async rollback(): Promise<void> {
      try {
        await client.query({ text: 'ROLLBACK', values: [], rowMode: 'array', types })
      } catch {
        // the server rolls back what a broken connection leaves
      }
    },
  }
}
