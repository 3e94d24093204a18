/** Monitoring of chats: a report on a period, and the actions on cost alerts and old rows. */
import { z } from 'zod'
import { DAY, now } from '@/lib/clock'
import { database } from '@/lib/database/open'
import { bodyOf, optionalDomain, parametersOf } from '@/lib/http/parameters'
import { respond } from '@/lib/http/respond'
import { sessions } from '@/lib/live/sessions'
import { ALERT_TYPES, checkAlerts, costAlerts, setAlert } from '@/lib/services/alerts'
import { monitoringDetails, monitoringMetrics, monitoringTrend } from '@/lib/services/monitoring'
import { storeReader, whereDomain } from '@/lib/services/reader'
import { ownerStore, tenantStore } from '@/lib/store'
import { ownDomain, tenantOf } from '@/lib/tenants/tenant'

export const dynamic = 'force-dynamic'

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')
const PARAMETERS = z.object({
  period: z.enum(['hour', 'day', 'week', 'month']).default('day'),
  domain: optionalDomain,
  model: z.string().max(200).optional(),
  details: flag.default(false),
  live: flag.default(true),
})

export function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const tenant = await tenantOf(request)
    const { period, domain, model, details, live } = parametersOf(request, PARAMETERS)
    const question = { period, domain: domain === undefined ? undefined : ownDomain(tenant, domain), model, now: now() }
    const reader = storeReader(tenantStore(tenant.database))
    const alerts = await costAlerts(tenant.database, reader, question.now)
    return {
      success: true,
      metrics: await monitoringMetrics(reader, question),
      hourlyTrend: await monitoringTrend(reader, question),
      costAlerts: alerts.filter(({ isExceeded }) => isExceeded),
      ...(live ? { liveMetrics: sessions().live(tenant.organization.id, question.domain) } : {}),
      ...(details ? { details: await monitoringDetails(tenant.database, question) } : {}),
      timestamp: question.now.toISOString(),
    }
  })
}

const domain = z.string().trim().min(1).max(253)
const ACTION = z.discriminatedUnion('action', [
  z.object({ action: z.literal('set-alert'), domain, alertType: z.enum(ALERT_TYPES), thresholdUsd: z.number().min(0.01).max(99_999_999) }),
  z.object({ action: z.literal('check-alerts') }),
  z.object({ action: z.literal('get-summary'), domain, days: z.number().int().min(1).max(365).default(7) }),
  z.object({ action: z.literal('cleanup-old-data') }),
])

export function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const tenant = await tenantOf(request)
    const asked = await bodyOf(request, ACTION)
    const store = tenantStore(tenant.database)
    switch (asked.action) {
      case 'set-alert':
        await setAlert(tenant.database, ownDomain(tenant, asked.domain), asked.alertType, asked.thresholdUsd)
        return { success: true }
      case 'check-alerts':
        return { success: true, alerts: await checkAlerts(tenant.database, storeReader(store), now()) }
      case 'get-summary': {
        const end = now()
        const range = { start: new Date(end.getTime() - asked.days * DAY), end, bucket: null, group_by: ['domain'] }
        const { result } = await store.query('telemetry_domain_hours', { ...range, where: whereDomain(ownDomain(tenant, asked.domain)) })
        return { success: true, summary: result.rows()[0] ?? null }
      }
      case 'cleanup-old-data': {
        // what the catalog's retentions say and no more, whoever asks
        const { pruned } = await ownerStore(await database()).prune(now())
        return { success: true, pruned }
      }
    }
  })
}
