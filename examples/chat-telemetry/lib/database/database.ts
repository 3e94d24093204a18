/**
 * What the application needs of a database, whichever it is.
 *
 * The one idea: a database can be narrowed to an organisation, and is then a database again: the same statements,
 * fewer rows. PostgreSQL decides which (`sql/50-row-security.sql`), so no statement has to remember to.
 */
import type { PGliteDatabase, PgPool } from 'isofold/stores'

/** Runs statements; values are numbers, texts, booleans, Dates and parsed JSON. */
export interface Queries {
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>
}

/** A database with the rights of its owner, or of one organisation. */
export interface Database extends Queries {
  readonly kind: 'pglite' | 'postgres'
  /** What `openStore` takes. */
  readonly source: PgPool | PGliteDatabase
  /** Runs `work` on one moment of the database, which it cannot change. */
  snapshot<T>(work: (queries: Queries) => Promise<T>): Promise<T>
  /** Runs `work` as a whole or not at all. */
  transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T>
}

/** The database of the owner. */
export interface OwnerDatabase extends Database {
  /** Runs a script of several statements. */
  script(sql: string): Promise<void>
  /** The same database with the rights of an organisation: one object for each organisation. */
  as(organization: string): Database
  /** Calls `listener` at every notification on a channel, and `lost` once when no more will come. */
  listen(channel: string, listener: () => void, lost: () => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** The role of organisations. */
export const TENANT_ROLE = 'telemetry_tenant'

/** The id of an organisation, as `sql/20-tables.sql` checks it: it needs no quoting anywhere. */
function organizationId(id: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(id)) throw new Error(`an organisation's id is lower case letters, digits and hyphens, got ${JSON.stringify(id)}`)
  return id
}

/** How values come out of the database, by the OID of their type; both drivers take it. */
export const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  // counts and sums of telemetry stay far below 2^53
  20: Number,
  1700: Number,
}

/** Narrows to each organisation once, so that what is kept by database is kept by organisation. */
export function eachOnce(narrow: (organization: string) => Database): OwnerDatabase['as'] {
  const made = new Map<string, Database>()
  return (organization) => {
    const id = organizationId(organization)
    const known = made.get(id) ?? narrow(id)
    made.set(id, known)
    return known
  }
}
