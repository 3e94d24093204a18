/** Tells that a chat is running, and how far it is. */
import { z } from 'zod'
import { bodyOf } from '@/lib/http/parameters'
import { respond } from '@/lib/http/respond'
import { sessions } from '@/lib/live/sessions'
import { CHAT_REQUEST } from '@/lib/services/record'
import { ownDomain, tenantOf } from '@/lib/tenants/tenant'

export const dynamic = 'force-dynamic'

const { sessionId, domain, model } = CHAT_REQUEST.shape
const count = z.number().int().min(0).max(50_000_000).default(0)
const PROGRESS = z.object({ sessionId, domain, model, iterations: count, searches: count, inputTokens: count, outputTokens: count })

export function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const tenant = await tenantOf(request)
    const progress = await bodyOf(request, PROGRESS)
    ownDomain(tenant, progress.domain.trim())
    sessions().hear(tenant.organization.id, progress)
    return new Response(null, { status: 204 })
  })
}
