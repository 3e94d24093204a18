/**
 * The database of this process: PostgreSQL where `DATABASE_URL` names one, else PGlite in `TELEMETRY_FOLDER`.
 *
 * The one idea: one for the whole process. Next.js may load a module once for every route, so what must be one lives
 * on `globalThis`.
 */
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { OwnerDatabase } from './database'
import { init } from './schema'

const PLACE = Symbol.for('isofold.chat-telemetry.database')

/** Opens a database for a program that closes it itself. */
export async function openDatabase(): Promise<OwnerDatabase> {
  const url = process.env.DATABASE_URL
  if (url !== undefined && url !== '') return (await import('./postgres')).openPostgres(url)
  const folder = resolve(/* turbopackIgnore: true */ process.env.TELEMETRY_FOLDER ?? '.data/pglite')
  await mkdir(dirname(folder), { recursive: true })
  return await (await import('./pglite')).openPglite(folder)
}

/** The database of the server, opened and made up to date by the first who asks. */
export function database(): Promise<OwnerDatabase> {
  const place = globalThis as { [PLACE]?: Promise<OwnerDatabase> | undefined }
  place[PLACE] ??= openMade().catch((error: unknown) => {
    // the next who asks tries again
    place[PLACE] = undefined
    throw error
  })
  return place[PLACE]
}

async function openMade(): Promise<OwnerDatabase> {
  const opened = await openDatabase()
  try {
    await init(opened)
    return opened
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** Makes `given` the database of the server, as tests do. */
export function useDatabase(given: OwnerDatabase): void {
  const place = globalThis as { [PLACE]?: Promise<OwnerDatabase> }
  place[PLACE] = Promise.resolve(given)
}
