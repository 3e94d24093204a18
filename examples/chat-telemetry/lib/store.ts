/**
 * The rollups in a database: all of them for its owner, those that tell domains apart for an organisation.
 *
 * The one idea: a database has one store for as long as the process lives, since a store remembers what its queries
 * read. Next.js may load a module once for every route, so the stores live on `globalThis`.
 */
import { openStore, type Store } from 'isofold/stores'
import { CATALOG, TENANT_CATALOG } from './catalog'
import type { Database, OwnerDatabase } from './database/database'

const PLACE = Symbol.for('isofold.chat-telemetry.stores')

/** What refreshes read and write, and what the operator reads. */
export function ownerStore(database: OwnerDatabase): Store {
  return kept(CATALOG, database)
}

/** What an organisation reads; the database gives it no other rows. */
export function tenantStore(database: Database): Store {
  return kept(TENANT_CATALOG, database)
}

function kept(catalog: object, { source }: Database): Store {
  const place = globalThis as { [PLACE]?: WeakMap<object, Store> }
  place[PLACE] ??= new WeakMap()
  const known = place[PLACE].get(source)
  if (known !== undefined) return known
  const store = openStore(catalog, source)
  place[PLACE].set(source, store)
  return store
}
