/** Records one chat request; whoever watches sees it a moment later. */
import { bodyOf } from '@/lib/http/parameters'
import { respond } from '@/lib/http/respond'
import { sessions } from '@/lib/live/sessions'
import { CHAT_REQUEST, recordChatRequest } from '@/lib/services/record'
import { ownDomain, tenantOf } from '@/lib/tenants/tenant'

export const dynamic = 'force-dynamic'

export function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const tenant = await tenantOf(request)
    const body = await bodyOf(request, CHAT_REQUEST)
    ownDomain(tenant, body.domain.trim())
    const recorded = await recordChatRequest(tenant.database, body, request.headers.get('user-agent'))
    sessions().end(tenant.organization.id, body.sessionId)
    return Response.json(recorded, { status: 201 })
  })
}
