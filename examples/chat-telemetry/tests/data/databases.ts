/** Databases for tests: PGlite in memory, and PostgreSQL where `ISOFOLD_POSTGRES` is. */
import { randomBytes } from 'node:crypto'
import { after, describe } from 'node:test'
import type { OwnerDatabase } from '@/lib/database/database'
import { openPglite } from '@/lib/database/pglite'
import { openPostgres } from '@/lib/database/postgres'
import { init } from '@/lib/database/schema'
import { ORGANIZATIONS, seedOrganizations } from '@/scripts/seed/organizations'

type Kind = OwnerDatabase['kind']

/** Runs the same tests on each database; `open` gives one that is made, has organisations, and no requests. */
export function onEachDatabase(name: string, tests: (open: () => Promise<OwnerDatabase>, kind: Kind) => void): void {
  describe(`${name} on PGlite`, () => tests(opener(() => openPglite()), 'pglite'))
  const skip = process.env.ISOFOLD_POSTGRES === undefined ? 'ISOFOLD_POSTGRES is not set' : false
  describe(`${name} on PostgreSQL`, { skip }, () => tests(opener(freshPostgres), 'postgres'))
}

function opener(make: () => Promise<OwnerDatabase>): () => Promise<OwnerDatabase> {
  const opened: OwnerDatabase[] = []
  after(async () => {
    for (const database of opened) await database.close()
  })
  return async () => {
    const database = await make()
    opened.push(database)
    await init(database)
    await seedOrganizations(database, ORGANIZATIONS)
    return database
  }
}

/** A database of its own in the server of `ISOFOLD_POSTGRES`. */
export async function freshPostgres(): Promise<OwnerDatabase> {
  return openPostgres(await freshPostgresUrl())
}

export async function freshPostgresUrl(): Promise<string> {
  const url = new URL(process.env.ISOFOLD_POSTGRES as string)
  const server = openPostgres(url.href, 1)
  const name = `chat_${randomBytes(6).toString('hex')}`
  await server.query(`CREATE DATABASE ${name}`)
  await server.close()
  url.pathname = `/${name}`
  return url.href
}
