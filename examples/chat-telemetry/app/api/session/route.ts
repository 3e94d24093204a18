/** Signing in, who is signed in, and signing out. */
import { z } from 'zod'
import type { Organization, SessionBody, SignedOutBody } from '@/lib/contract'
import { database } from '@/lib/database/open'
import { bodyOf } from '@/lib/http/parameters'
import { RequestError } from '@/lib/http/request-error'
import { respond } from '@/lib/http/respond'
import { isDemo, signedIn, tenantOf } from '@/lib/tenants/tenant'
import { sessionCookie, signedToken } from '@/lib/tenants/token'

export const dynamic = 'force-dynamic'

const SIGN_IN = z.object({ organization: z.string().max(63), key: z.string().max(200).optional() })

export function GET(request: Request): Promise<Response> {
  return respond(async () => {
    try {
      const { organization } = await tenantOf(request)
      return { organization } satisfies SessionBody
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      const { code, message, path, status } = error
      const body: SignedOutBody = { error: { code, message, path }, organizations: await demoOrganizations() }
      return Response.json(body, { status })
    }
  })
}

export function POST(request: Request): Promise<Response> {
  return respond(async () => {
    const { organization: id, key } = await bodyOf(request, SIGN_IN)
    const organization = await signedIn(await database(), id, key)
    const body: SessionBody = { organization }
    return Response.json(body, { headers: { 'set-cookie': sessionCookie(signedToken(id), isSecure(request)) } })
  })
}

export function DELETE(request: Request): Response {
  return new Response(null, { status: 204, headers: { 'set-cookie': sessionCookie(undefined, isSecure(request)) } })
}

/** Behind a proxy the address itself may be plain. */
function isSecure(request: Request): boolean {
  return new URL(request.url).protocol === 'https:' || request.headers.get('x-forwarded-proto') === 'https'
}

async function demoOrganizations(): Promise<Organization[]> {
  if (!isDemo()) return []
  return await (await database()).query<Organization>('SELECT id, name FROM organizations ORDER BY name')
}
