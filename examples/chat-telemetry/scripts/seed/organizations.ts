/** Who the demonstration is about: organisations and their domains. */
import { createHash } from 'node:crypto'
import type { OwnerDatabase } from '@/lib/database/database'

export interface SeedOrganization {
  readonly id: string
  readonly name: string
  /** What signs in outside the demonstration mode. */
  readonly key: string
  readonly domains: readonly string[]
}

export const ORGANIZATIONS: readonly SeedOrganization[] = [
  { id: 'northwind', name: 'Northwind Support', key: 'northwind-demo', domains: ['help.northwind.example', 'shop.northwind.example', "fan's.northwind.example"] },
  { id: 'contoso', name: 'Contoso Shops', key: 'contoso-demo', domains: ['shoes.contoso.example', 'kids.contoso.example', 'outlet.contoso.example'] },
]

/** Who owns the public traces, where they are there. */
export const RESEARCH: SeedOrganization = { id: 'research', name: 'Public traces', key: 'research-demo', domains: ['aider.example', 'llmperf.example'] }

export async function seedOrganizations(database: OwnerDatabase, organizations: readonly SeedOrganization[]): Promise<void> {
  for (const { id, name, key, domains } of organizations) {
    const sha256 = createHash('sha256').update(key).digest('hex')
    await database.query(
      'INSERT INTO organizations VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET name = $2, key_sha256 = $3',
      [id, name, sha256],
    )
    await database.query(
      'INSERT INTO organization_domains SELECT unnest($2::text[]), $1 ON CONFLICT (domain) DO UPDATE SET organization_id = $1',
      [id, domains],
    )
  }
}
