/**
 * PGlite, PostgreSQL inside the process.
 *
 * The one idea: PGlite has one connection for all of the program, and keeps others out of a transaction only when the
 * transaction is its own. So the kernel's `BEGIN` opens one of PGlite's, and `COMMIT` lets it end.
 */
import { type Connection, type Driver, numberOf, type SqlCell, type SqlRow } from './driver.js'

interface Queries {
  query(sql: string, parameters: unknown[], options: object): Promise<{ rows: unknown[] }>
}

/** What is used of `PGlite`. */
export interface PGliteDatabase extends Queries {
  transaction(work: (transaction: Queries) => Promise<void>): Promise<unknown>
  readonly waitReady: Promise<void>
}

interface Open {
  readonly queries: Queries
  readonly end: (error?: Error) => void
  readonly ended: Promise<unknown>
}

const integers = { 20: BigInt, 21: BigInt, 23: BigInt }
const options = { rowMode: 'array', parsers: { ...integers, 1700: numberOf } }

/** The driver of a PGlite database. */
export function pgliteDriver(database: PGliteDatabase): Driver {
  return { isPool: false, session: (work) => work(connectionOf(database)) }
}

function connectionOf(database: PGliteDatabase): Connection {
  let open: Open | undefined
  const rollback = async (): Promise<void> => {
    if (open === undefined) return
    const { end, ended } = open
    open = undefined
    end(new Error('rolled back'))
    await ended.catch(() => undefined)
  }
  return {
    async run(sql: string, parameters: readonly SqlCell[]): Promise<SqlRow[]> {
      if (sql.startsWith('BEGIN')) {
        open = await begin(database)
        if (sql === 'BEGIN') return []
        sql = sql.replace('BEGIN', 'SET TRANSACTION')
      }
      if (sql === 'COMMIT' && open !== undefined) {
        const { end, ended } = open
        open = undefined
        end()
        await ended
        return []
      }
      if (sql === 'ROLLBACK') {
        await rollback()
        return []
      }
      const { rows } = await (open?.queries ?? database).query(sql, [...parameters], options)
      return rows as SqlRow[]
    },
    rollback,
  }
}

async function begin(database: PGliteDatabase): Promise<Open> {
  await database.waitReady
  return await new Promise<Open>((resolve, reject) => {
    const ended: Promise<unknown> = database.transaction(
      (queries) =>
        new Promise<void>((commit, fail) => {
          resolve({ queries, end: (error) => (error === undefined ? commit() : fail(error)), ended })
        }),
    )
    ended.catch(reject)
  })
}
