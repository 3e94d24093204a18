/**
 * PGlite: PostgreSQL inside the process, in a folder or in memory.
 *
 * The one idea: it has one connection, so the rights of an organisation are set inside a transaction and end with it.
 */
import { PGlite, type Transaction } from '@electric-sql/pglite'
import type { PGliteDatabase } from 'isofold/stores'
import { type Database, eachOnce, type OwnerDatabase, PARSERS, type Queries, TENANT_ROLE } from './database'

const options = { parsers: { ...PARSERS } }

/** The database in a folder; in memory without one. */
export async function openPglite(folder?: string): Promise<OwnerDatabase> {
  const pglite = folder === undefined ? new PGlite() : new PGlite(folder)
  await pglite.waitReady
  return {
    ...databaseOf(pglite, async () => undefined),
    script: async (sql) => void (await pglite.exec(sql)),
    as: eachOnce((organization) =>
      databaseOf(pglite, async (transaction) => {
        // statements that read no row, so that a level of isolation can still be chosen after them
        await transaction.exec(`SET LOCAL ROLE ${TENANT_ROLE}; SET LOCAL app.organization = '${organization}'`)
      }),
    ),
    listen: async (channel, listener) => await pglite.listen(channel, listener),
    close: () => pglite.close(),
  }
}

function databaseOf(pglite: PGlite, narrow: (transaction: Transaction) => Promise<void>): Database {
  const within = async <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> =>
    (await pglite.transaction(async (transaction) => {
      await narrow(transaction)
      return await work(transaction)
    })) as T
  const source: PGliteDatabase = {
    waitReady: pglite.waitReady,
    query: (sql, parameters, given) => within((transaction) => transaction.query(sql, parameters, given)),
    transaction: (work) => within((transaction) => work(transaction as Parameters<typeof work>[0])),
  }
  return {
    kind: 'pglite',
    source,
    query: (sql, parameters) => within((transaction) => queriesOf(transaction).query(sql, parameters)),
    transaction: (work) => within((transaction) => work(queriesOf(transaction))),
    snapshot: (work) =>
      within(async (transaction) => {
        await transaction.exec('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
        return await work(queriesOf(transaction))
      }),
  }
}

function queriesOf(transaction: Transaction): Queries {
  return {
    async query<Row>(sql: string, parameters: readonly unknown[] = []) {
      const { rows } = await transaction.query<Row>(sql, [...parameters], options)
      return rows
    },
  }
}
