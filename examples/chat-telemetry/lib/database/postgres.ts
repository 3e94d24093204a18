/** PostgreSQL, through a pool of `pg`. */
import pg from 'pg'
import { type Database, eachOnce, type OwnerDatabase, PARSERS, type Queries, TENANT_ROLE } from './database'

const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    (PARSERS[oid] ?? pg.types.getTypeParser(oid, format as 'text')) as never,
}

/** What is used of a pool, so that an organisation's is one too. */
interface Pool {
  query(query: pg.QueryConfig): Promise<pg.QueryResult>
  connect(): Promise<pg.PoolClient>
  readonly totalCount: number
}

/** The database at a URL; `size` is the most connections at once. */
export function openPostgres(url: string, size = 10): OwnerDatabase {
  const pool = new pg.Pool({ connectionString: url, max: size })
  // An idle connection that breaks is replaced by the next statement.
  pool.on('error', () => undefined)
  return {
    ...databaseOf(pool),
    script: async (sql) => void (await pool.query(sql)),
    as: eachOnce((organization) => databaseOf(narrowed(pool, organization))),
    listen: (channel, listener, lost) => listen(url, channel, listener, lost),
    close: () => pool.end(),
  }
}

function databaseOf(pool: Pool): Database {
  const within = async <T>(begin: string, work: (queries: Queries) => Promise<T>): Promise<T> => {
    const client = await pool.connect()
    try {
      await client.query(begin)
      const result = await work(queriesOf(client))
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined)
      throw error
    } finally {
      client.release()
    }
  }
  return {
    kind: 'postgres',
    source: pool as never,
    ...queriesOf(pool),
    snapshot: (work) => within('BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY', work),
    transaction: (work) => within('BEGIN', work),
  }
}

function queriesOf(client: Pick<Pool, 'query'>): Queries {
  return {
    async query<Row>(sql: string, parameters: readonly unknown[] = []) {
      const { rows } = await client.query({ text: sql, values: [...parameters], types })
      return rows as Row[]
    },
  }
}

/** A pool whose connections have the rights of an organisation for as long as they are lent. */
function narrowed(pool: pg.Pool, organization: string): Pool {
  return {
    get totalCount() {
      return pool.totalCount
    },
    async query(query) {
      const client = await this.connect()
      try {
        return await client.query(query)
      } finally {
        client.release()
      }
    },
    async connect() {
      const client = await pool.connect()
      const settings = `SELECT set_config('app.organization', $1, false), set_config('role', $2, false)`
      await client.query(settings, [organization, TENANT_ROLE])
      const lent = Object.create(client) as pg.PoolClient
      lent.query = client.query.bind(client) as typeof client.query
      lent.release = (error) => {
        if (error !== undefined && error !== false) return client.release(error)
        // a connection that cannot be widened again is thrown away
        client.query(settings, ['', 'none']).then(() => client.release(), () => client.release(true))
      }
      return lent
    },
  }
}

async function listen(url: string, channel: string, listener: () => void, lost: () => void): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  client.on('end', lost)
  client.on('notification', listener)
  await client.connect()
  await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
  return async () => {
    client.off('end', lost)
    await client.end()
  }
}
