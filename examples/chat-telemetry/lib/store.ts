/** The rollups in a database: all of them for its owner, those that tell domains apart for an organisation. */
import { openStore, type Store } from 'isofold/stores'
import { CATALOG, TENANT_CATALOG } from './catalog'
import type { Database, OwnerDatabase } from './database/database'

/** What refreshes read and write, and what the operator reads. */
export function ownerStore(database: OwnerDatabase): Store {
  return openStore(CATALOG, database.source)
}

/** What an organisation reads; the database gives it no other rows. */
export function tenantStore(database: Database): Store {
  return openStore(TENANT_CATALOG, database.source)
}
