/**
 * `POST /api/edge/telemetry/summary?range=7d&domain=`: what the dashboard would say of a rollup that is sent along.
 *
 * The one idea: the view is a function of the rollup, so it can be made wherever WebAssembly runs. Nothing of the
 * database is read and nothing is kept; who asks is signed in like everywhere, and what one request can cost is bounded.
 *
 * Next.js 16 says at every build that the edge runtime is deprecated, and goes on building it. The same file without
 * the line `runtime` is a route of Node, which then takes the addon.
 */
import { init, Rollup } from 'isofold'
import { PAGE_SPEC } from '@/lib/catalog'
import { Levels } from '@/lib/client/levels'
import { RANGES, rangeNamed } from '@/lib/client/range'
import { viewOf } from '@/lib/client/view'
import { now } from '@/lib/clock'
import type { ErrorBody } from '@/lib/contract'
import { tokenOf } from '@/lib/tenants/claim'
import { organizationAtEdge } from '@/lib/tenants/edge-token'
import { windowOf } from '@/lib/window'

export const runtime = 'edge'

/** The page rollup of a million requests takes 3 MB. */
const MAX_BYTES = 8_000_000
/** Bounds the memory that a small body can ask for. */
const MAX_GROUPS = 200_000

/** Errors: 401 for nobody, 400 for bytes that are no rollup or an unknown range, 413 above 8 MB, 422 for a rollup of something else. */
export async function POST(request: Request): Promise<Response> {
  if ((await organizationAtEdge(tokenOf(request))) === undefined) return refused(401, 'session.missing', 'sign in first')
  const { searchParams } = new URL(request.url)
  const name = searchParams.get('range') ?? '7d'
  const range = rangeNamed(name)
  if (range === undefined) {
    return refused(400, 'parameter.invalid', `range must be one of ${RANGES.map(({ key }) => key).join(', ')}`, 'range')
  }
  const bytes = await bounded(request)
  if (bytes === undefined) return refused(413, 'body.size', `the body must have at most ${MAX_BYTES} bytes`)
  await init()
  let rollup: Rollup
  try {
    rollup = Rollup.decode(bytes, { maxGroups: MAX_GROUPS })
    // Only a rollup of the same columns, keys and states merges.
    new Rollup(PAGE_SPEC).merge(rollup)
  } catch (error) {
    const { code = 'decode.failed', message } = error as Error & { code?: string }
    return refused(code.startsWith('merge.') ? 422 : 400, code, message)
  }
  const levels = new Levels(rollup, windowOf(1, now()).end)
  const view = viewOf(levels, { range, domain: searchParams.get('domain'), grain: null })
  const digest = rollup.digest()
  levels.free()
  return Response.json({ ...view, digest })
}

/** The body, unless it is too long; it is not read further then. */
async function bounded(request: Request): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.length
    if (length > MAX_BYTES) return undefined
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function refused(status: number, code: string, message: string, path = ''): Response {
  const body: ErrorBody = { error: { code, message, path } }
  return Response.json(body, { status })
}
