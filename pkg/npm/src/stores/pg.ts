/** PostgreSQL through a client or a pool of `pg`. */
import { IsofoldError } from '../error.js'
import { type Connection, type Driver, PARSERS, type SqlCell, type SqlRow } from './driver.js'

/** What is used of `pg.Client`. */
export interface PgClient {
  query(query: PgQuery): Promise<PgResult | PgResult[]>
  on?(event: 'error', listener: (error: Error) => void): unknown
  removeListener?(event: 'error', listener: (error: Error) => void): unknown
  getTransactionStatus?(): string | null
}

/** What is used of `pg.Pool`. */
export interface PgPool {
  connect(): Promise<PgClient & { release(error?: boolean): void }>
  readonly totalCount: number
}

interface PgResult {
  readonly rows: unknown[]
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
  if (!('totalCount' in database)) return { isPool: false, session: (work) => attended(database, work) }
  return {
    isPool: true,
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

/** Statements that give no rows. */
const SILENT = /^(?:BEGIN|SET LOCAL|DECLARE|CLOSE) /

function connectionOf(client: PgClient): Connection {
  /** Silent statements that go with the next one: a query is three trips to the server instead of seven. */
  let waiting: string[] = []
  const send = async (text: string, values: readonly unknown[] = []): Promise<SqlRow[]> => {
    const result = await client.query({ text, values, rowMode: 'array', types })
    return (Array.isArray(result) ? (result.at(-1) as PgResult) : result).rows as SqlRow[]
  }
  return {
    async run(sql: string, parameters: readonly SqlCell[]): Promise<SqlRow[]> {
      if (SILENT.test(sql)) {
        waiting.push(sql)
        return []
      }
      const before = waiting
      waiting = []
      // several statements at once take no parameters
      if (parameters.length === 0) return await send([...before, sql].join('; '))
      if (before.length > 0) await send(before.join('; '))
      return await send(sql, parameters.map((value) => (typeof value === 'bigint' ? value.toString() : value)))
    },
    async rollback(): Promise<void> {
      waiting = []
      try {
        await send('ROLLBACK')
      } catch {
        // the server rolls back what a broken connection leaves
      }
    },
  }
}
