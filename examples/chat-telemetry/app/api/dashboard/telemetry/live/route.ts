/** What changes while a page is open, as server-sent events. */
import { z } from 'zod'
import { parametersOf } from '@/lib/http/parameters'
import { respond } from '@/lib/http/respond'
import { feed } from '@/lib/live/feed'
import { sessions } from '@/lib/live/sessions'
import { eventStream } from '@/lib/live/stream'
import { tenantOf } from '@/lib/tenants/tenant'

export const dynamic = 'force-dynamic'

const PARAMETERS = z.object({ cursor: z.string().max(64).default('') })

export function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const { organization } = await tenantOf(request)
    const { cursor } = parametersOf(request, PARAMETERS)
    const ledger = (await feed()).ledger(organization.id)
    await ledger.update()
    return eventStream(ledger, sessions(), organization.id, request.headers.get('last-event-id') ?? cursor, request.signal)
  })
}
