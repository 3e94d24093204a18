/** The routes as functions, on a database of their own, asked as organisations. */
import { after } from 'node:test'
import { NextRequest } from 'next/server'
import type { OwnerDatabase } from '@/lib/database/database'
import { useDatabase } from '@/lib/database/open'
import { openPglite } from '@/lib/database/pglite'
import { init } from '@/lib/database/schema'
import { feed } from '@/lib/live/feed'
import { signedToken } from '@/lib/tenants/token'
import { ORGANIZATIONS, seedOrganizations } from '@/scripts/seed/organizations'
import { requests } from '@/scripts/seed/requests'
import { insertRows } from '@/scripts/seed/rows'

export const NOW = new Date('2026-11-19T10:40:00Z')

/** A server with `rows` requests of `days`, at {@link NOW}. */
export async function served(rows: number, days: number): Promise<OwnerDatabase> {
  process.env.TELEMETRY_NOW = NOW.toISOString()
  process.env.TELEMETRY_SECRET = 'of the tests'
  const database = await openPglite()
  await init(database)
  await seedOrganizations(database, ORGANIZATIONS)
  await insertRows(database, requests(rows, days, NOW))
  useDatabase(database)
  opened.push(database)
  return database
}

const opened: OwnerDatabase[] = []
after(async () => {
  await (await feed()).close()
  for (const database of opened) await database.close()
})

interface Asked {
  /** Who asks; nobody when left out. */
  readonly as?: string
  readonly method?: string
  /** A body as JSON; a text as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A request to a path. */
export function request(path: string, { as, method = 'GET', body, headers = {} }: Asked = {}): NextRequest {
  const signed: Record<string, string> = as === undefined ? {} : { authorization: `Bearer ${signedToken(as)}` }
  const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
  return new NextRequest(`http://localhost${path}`, { method, body: text, headers: { ...signed, ...headers } })
}

/** The code and path of an error. */
export async function errorOf(response: Response): Promise<readonly unknown[]> {
  const { error } = (await response.json()) as { error: { code: string; message: string; path: string } }
  return [response.status, error.code, error.path]
}
