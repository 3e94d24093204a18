/** Rollups that keep themselves fresh in PostgreSQL: through `pg`, or in the process with PGlite. */
import { IsofoldError } from '../error.js'
import type { Driver } from './driver.js'
import { pgDriver, type PgClient, type PgPool } from './pg.js'
import { pgliteDriver, type PGliteDatabase } from './pglite.js'
import { Store } from './store.js'

export type { Connection, Driver, SqlCell, SqlRow } from './driver.js'
export type { PgClient, PgPool } from './pg.js'
export type { PGliteDatabase } from './pglite.js'
export type {
  Coverage, DueRollup, InitReport, PlannedRollup, PlanOptions, Progress, RefreshOptions, RefreshRun, RollupReport, RollupState, Skipped, TableColumn, Window,
} from './reports.js'
export { Store, type TailOptions } from './store.js'

/**
 * Gives the store of a catalog in a database.
 *
 * The database is a client or pool of pg, or a PGlite. Needs the native addon: `store.driver`.
 *
 * @param catalog The catalog: an object of the host, or JSON text.
 * @param database The database, or a connection that nobody else uses meanwhile.
 * @returns The store.
 * @throws `catalog.*`, `spec.*`, `expr.*`, `store.driver`, `store.database`.
 */
export function openStore(catalog: object | string, database: PgClient | PgPool | PGliteDatabase): Store {
  return new Store(catalog, driverOf(database))
}

function driverOf(database: unknown): Driver {
  const known = typeof database === 'object' && database !== null && typeof (database as PgClient).query === 'function'
  if (!known) {
    const message = 'a client or pool of pg, or a PGlite is expected'
    throw new IsofoldError({ code: 'store.driver', message, path: '' })
  }
  return 'waitReady' in (database as object) ? pgliteDriver(database as PGliteDatabase) : pgDriver(database as PgClient | PgPool)
}
