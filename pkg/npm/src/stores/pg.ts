/** PostgreSQL through a client or a pool of `pg`. */
import { IsofoldError } from '../error.js'
import { type Connection, type Driver, PARSERS, type SqlCell, type SqlRow } from './driver.js'

/** What is used of `pg.Client`. */
export interface PgClient {
  query(query: PgQuery): Promise<{ rows: unknown[] }>
  on?(event: 'error', listener: (error: Error) => void): unknown
  removeListener?(event: 'error', listener: (error: Error) => void): unknown
  getTransactionStatus?(): string | null
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
  if (!('totalCount' in database)) return { session: (work) => attended(database, work) }
  return {
    async session(work) {
      const client = await database.connect()
      let isBroken = false
      try {
        return await attended(client, work, () => (isBroken = true))
      } finally {
        client.release(isBroken)
      }
    },
  }
}

/** Works with a client; a connection that ends meanwhile is an error of the work, and ends no process. */
async function attended<T>(client: PgClient, work: (connection: Connection) => Promise<T>, onBroken = (): void => {}): Promise<T> {
  const status = client.getTransactionStatus?.()
  if (status === 'T' || status === 'E') {
    throw new IsofoldError({ code: 'store.database', message: 'the connection is inside a transaction of its own', path: '' })
  }
  let isBroken = false
  const listener = (): void => {
    isBroken = true
    onBroken()
  }
  client.on?.('error', listener)
  try {
    return await work(connectionOf(client))
  } finally {
    // a connection that ends may tell of it more than once
    if (!isBroken) client.removeListener?.('error', listener)
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
