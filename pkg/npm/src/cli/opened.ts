/** The store that a command line names. */
import { resolve } from 'node:path'
import { IsofoldError } from '../error.js'
import { openStore, type Store } from '../stores/index.js'
import { connectionOf, refused } from './connection.js'
import { load } from './load.js'
import type { Options } from './options.js'
import { readText } from './whole-file.js'

/** A store, and what ends its connection. */
export interface Opened {
  readonly store: Store
  readonly close: () => Promise<void>
}

/** Opens the store of `--catalog` in `--database`. */
export async function opened(options: Options): Promise<Opened> {
  const path = options.text('catalog') ?? process.env.ISOFOLD_CATALOG ?? 'isofold.json'
  const url = options.text('database') ?? process.env.ISOFOLD_DATABASE
  if (url === undefined) {
    const message = 'no database is given: --database or $ISOFOLD_DATABASE'
    throw new IsofoldError({ code: 'host.argument', message, path: '' })
  }
  const catalog = await readText(path)
  const { database, close } = await connected(url)
  try {
    return { store: openStore(catalog, database), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A database and what ends its connection. */
type Connected = { readonly database: Parameters<typeof openStore>[1]; readonly close: () => Promise<void> }

async function connected(text: string): Promise<Connected> {
  const connection = connectionOf(text)
  if ('pglite' in connection) {
    const { PGlite } = (await load('@electric-sql/pglite')) as { PGlite: new (folder: string) => never }
    const database = new PGlite(resolve(connection.pglite)) as Connected['database'] & { close(): Promise<void> }
    return { database, close: () => database.close() }
  }
  const module = (await load('pg')) as { default?: { Client: unknown }; Client?: unknown }
  const Client = (module.Client ?? module.default?.Client) as new (options: object) => Connected['database'] & {
    connect(): Promise<void>
    end(): Promise<void>
    on(event: 'error', listener: () => void): void
  }
  const database = clientOf(() => new Client({ connectionString: connection.url }))
  // the statement that finds the connection gone tells of it
  database.on('error', () => undefined)
  try {
    await database.connect()
  } catch (error) {
    throw new IsofoldError({ code: 'store.database', message: wordsOf(error), path: '' })
  }
  return { database, close: () => database.end() }
}

/** What the driver makes of a URL, whose words for one that it cannot read have the URL in them. */
function clientOf<C>(make: () => C): C {
  try {
    return make()
  } catch {
    throw refused('the URL of the database cannot be read')
  }
}

/** Several addresses of one host fail with several errors, and without a message. */
function wordsOf(error: unknown): string {
  const { message, code, errors } = error as { message?: string; code?: string; errors?: readonly { message?: string }[] }
  return message || errors?.map(({ message }) => message).join('; ') || code || 'the database does not answer'
}
