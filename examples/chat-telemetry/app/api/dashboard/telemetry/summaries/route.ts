/** The summaries of an organisation: of one domain, or of all its domains and models. */
import { z } from 'zod'
import { now } from '@/lib/clock'
import { optionalDomain, parametersOf } from '@/lib/http/parameters'
import { respond } from '@/lib/http/respond'
import { feed } from '@/lib/live/feed'
import { fetchDomainSummaries, fetchDomainSummary } from '@/lib/services/domain-summary'
import { fetchModelSummary } from '@/lib/services/model-summary'
import { allTimeReader } from '@/lib/services/reader'
import { ownDomain, tenantOf } from '@/lib/tenants/tenant'

export const dynamic = 'force-dynamic'

const PARAMETERS = z.object({ domain: optionalDomain })

export function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const tenant = await tenantOf(request)
    const { domain } = parametersOf(request, PARAMETERS)
    const { levels, digest } = await (await feed()).ledger(tenant.organization.id).current()
    const reader = allTimeReader(levels)
    if (domain !== undefined) return { summary: await fetchDomainSummary(reader, ownDomain(tenant, domain), now()), digest }
    return { domains: await fetchDomainSummaries(reader, now()), models: await fetchModelSummary(reader, now()), digest }
  })
}
