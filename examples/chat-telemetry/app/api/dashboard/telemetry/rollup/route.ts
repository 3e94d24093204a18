/** The rollup that the page holds: its bytes, their digest, and where the live stream goes on. */
import { backend } from 'isofold'
import { PAGE_SPEC } from '@/lib/catalog'
import { now } from '@/lib/clock'
import { HEADERS, PACKED } from '@/lib/contract'
import { respond } from '@/lib/http/respond'
import { feed } from '@/lib/live/feed'
import { packedHours } from '@/lib/live/packed'
import { freshnessOf } from '@/lib/services/freshness'
import { tenantOf } from '@/lib/tenants/tenant'

export const dynamic = 'force-dynamic'

export function GET(request: Request): Promise<Response> {
  return respond(async () => {
    const tenant = await tenantOf(request)
    const { watermark } = await freshnessOf(tenant.database, PAGE_SPEC.name)
    const { levels, digest, cursor } = await (await feed()).ledger(tenant.organization.id).current()
    const isPacked = (request.headers.get('accept') ?? '').includes(PACKED)
    const etag = isPacked ? `"${digest}.gz"` : `"${digest}"`
    const headers = new Headers({
      etag,
      [HEADERS.digest]: digest,
      [HEADERS.cursor]: cursor,
      [HEADERS.backend]: backend,
      [HEADERS.now]: now().toISOString(),
      'cache-control': 'private, no-cache',
      vary: 'accept, cookie, authorization',
    })
    if (watermark !== null) headers.set(HEADERS.watermark, watermark.toISOString())
    if (matches(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })

    headers.set('content-type', isPacked ? PACKED : 'application/octet-stream')
    const bytes = isPacked ? await packedHours(levels, digest) : levels.hours.encode()
    return new Response(Buffer.from(bytes), { headers })
  })
}

/** A proxy that compresses marks the tag as weak. */
function matches(given: string | null, etag: string): boolean {
  return (given ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)
}
