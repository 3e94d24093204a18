/** The dashboard as JSON, for whoever reads it without a rollup. */
import { z } from 'zod'
import { PAGE_DAYS, PAGE_SPEC } from '@/lib/catalog'
import { now } from '@/lib/clock'
import { optionalDomain, parametersOf, wholeNumber } from '@/lib/http/parameters'
import { respond } from '@/lib/http/respond'
import { feed } from '@/lib/live/feed'
import { sessions } from '@/lib/live/sessions'
import { dashboardTelemetry } from '@/lib/services/dashboard'
import { freshnessOf } from '@/lib/services/freshness'
import { levelsReader, type Reader, storeReader } from '@/lib/services/reader'
import { tenantStore } from '@/lib/store'
import { ownDomain, type Tenant, tenantOf } from '@/lib/tenants/tenant'

export const dynamic = 'force-dynamic'

const PARAMETERS = z.object({ days: wholeNumber(1, 365).default(7), domain: optionalDomain })

export function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const tenant = await tenantOf(request)
    const { days, domain: asked } = parametersOf(request, PARAMETERS)
    const domain = asked === undefined ? undefined : ownDomain(tenant, asked)
    const freshness = await freshnessOf(tenant.database, PAGE_SPEC.name)
    const live = sessions().live(tenant.organization.id, domain)
    return await dashboardTelemetry({ days, domain, now: now(), freshness, live, ...(await read(tenant, days, domain)) })
  })
}

/** What answers: the rollup in memory while the page's range is enough, else what is stored. */
async function read(tenant: Tenant, days: number, domain: string | undefined): Promise<{ reader: Reader; digest: string | null }> {
  if (days > PAGE_DAYS) return { reader: storeReader(tenantStore(tenant.database)), digest: null }
  const { levels, digest } = await (await feed()).ledger(tenant.organization.id).current()
  return { reader: levelsReader(levels, days, domain), digest }
}
