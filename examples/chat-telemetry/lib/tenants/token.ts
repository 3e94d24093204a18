/**
 * Signed tokens that name an organisation.
 *
 * The one idea: `organisation.expiry.signature`; nothing is stored, and only who has the secret can write one.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { DAY, now } from '../clock'
import { claimOf, COOKIE } from './claim'

const LIFE = 7 * DAY
const PLACE = Symbol.for('isofold.chat-telemetry.secret')

/** A token of an organisation, for a week. */
export function signedToken(organization: string): string {
  const claim = `${organization}.${now().getTime() + LIFE}`
  return `${claim}.${signatureOf(claim)}`
}

/** The organisation that a token names, or undefined for one that is forged or over. */
export function organizationOf(token: string | undefined): string | undefined {
  const claim = claimOf(token)
  if (claim === undefined) return undefined
  const [given, right] = [Buffer.from(claim.signature), Buffer.from(signatureOf(claim.text))]
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
  return claim.expiry > now().getTime() ? claim.organization : undefined
}

/** The cookie with a token; without one it ends the session. */
export function sessionCookie(token: string | undefined, isSecure: boolean): string {
  const seconds = token === undefined ? 0 : LIFE / 1000
  return `${COOKIE}=${token ?? ''}; Max-Age=${seconds}; Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
}

function signatureOf(claim: string): string {
  return createHmac('sha256', secret()).update(claim).digest('base64url')
}

/** `TELEMETRY_SECRET`; without one sessions end with the process. */
function secret(): string {
  const given = process.env.TELEMETRY_SECRET
  if (given !== undefined && given !== '') return given
  const place = globalThis as { [PLACE]?: string }
  return (place[PLACE] ??= randomBytes(32).toString('hex'))
}
