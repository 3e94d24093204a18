/**
 * Who asks, and what may they see?
 *
 * Not here: which rows that are; the database decides (`sql/50-row-security.sql`).
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Organization } from '../contract'
import type { Database, OwnerDatabase } from '../database/database'
import { database } from '../database/open'
import { RequestError } from '../http/request-error'
import { tokenOf } from './claim'
import { organizationOf } from './token'

/** An organisation that is signed in. */
export interface Tenant {
  readonly organization: Organization
  readonly domains: readonly string[]
  /** The database with the rights of the organisation. */
  readonly database: Database
}

/** The tenant of a request: a bearer token or the cookie. Errors: 401. */
export async function tenantOf(request: Request): Promise<Tenant> {
  const id = organizationOf(tokenOf(request))
  if (id === undefined) throw new RequestError(401, 'session.missing', 'sign in first')
  const opened = await database()
  const [found] = await opened.query<{ name: string; domains: string[] }>(
    `SELECT o.name, coalesce(array_agg(d.domain ORDER BY d.domain) FILTER (WHERE d.domain IS NOT NULL), '{}') AS domains
     FROM organizations AS o LEFT JOIN organization_domains AS d ON d.organization_id = o.id WHERE o.id = $1 GROUP BY o.id`,
    [id],
  )
  if (found === undefined) throw new RequestError(401, 'session.missing', 'the organisation is not there any more')
  return { organization: { id, name: found.name }, domains: found.domains, database: opened.as(id) }
}

/** The domain that a tenant asks for. Errors: 403 for one of others, in the same words as for one that is nobody's. */
export function ownDomain(tenant: Tenant, domain: string): string {
  if (tenant.domains.includes(domain)) return domain
  throw new RequestError(403, 'domain.forbidden', `${domain} is not a domain of ${tenant.organization.name}`, 'domain')
}

/** Whether anybody may sign in as anybody, as a demonstration needs. */
export function isDemo(): boolean {
  return process.env.TELEMETRY_DEMO === '1'
}

/** The organisation that signs in. Errors: 401, in the same words for an unknown organisation and a wrong key. */
export async function signedIn(opened: OwnerDatabase, id: string, key: string | undefined): Promise<Organization> {
  const [found] = await opened.query<{ name: string; key_sha256: string | null }>(
    'SELECT name, key_sha256 FROM organizations WHERE id = $1',
    [id],
  )
  const opens = found !== undefined && ((isDemo() && key === undefined) || hasHash(key ?? '', found.key_sha256))
  if (!opens) throw new RequestError(401, 'session.refused', 'the organisation or its key is not right')
  return { id, name: found.name }
}

function hasHash(key: string, sha256: string | null): boolean {
  const given = createHash('sha256').update(key).digest()
  const right = Buffer.from(sha256 ?? '', 'hex')
  return right.length === given.length && timingSafeEqual(given, right)
}
