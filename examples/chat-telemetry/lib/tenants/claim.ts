/**
 * What a request says of who asks, not yet believed.
 *
 * Not here: whether it is true (`token.ts` in Node, `edge-token.ts` at the edge).
 */

/** The cookie that carries a token. */
export const COOKIE = 'telemetry_session'

/** A token in its parts: `organization.expiry.signature`. */
export interface Claim {
  readonly organization: string
  /** In milliseconds. */
  readonly expiry: number
  /** What is signed. */
  readonly text: string
  readonly signature: string
}

/** The parts of a token; undefined for what is none. */
export function claimOf(token: string | undefined): Claim | undefined {
  const [organization, expiry, signature, ...rest] = (token ?? '').split('.')
  if (organization === undefined || expiry === undefined || signature === undefined || rest.length > 0) return undefined
  return { organization, expiry: Number(expiry), text: `${organization}.${expiry}`, signature }
}

/** The token of a request: a bearer token or the cookie. */
export function tokenOf(request: Request): string | undefined {
  return bearer(request) ?? cookie(request)
}

function bearer(request: Request): string | undefined {
  return /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
}

function cookie(request: Request): string | undefined {
  const cookies = (request.headers.get('cookie') ?? '').split(/; */)
  return cookies.find((text) => text.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1)
}
