/**
 * Signed tokens where there is no `node:crypto`: the same tokens, checked with WebCrypto.
 *
 * The edge shares no memory with Node's routes, so it knows the secret only from `TELEMETRY_SECRET`; without one it
 * knows nobody.
 */
import { now } from '../clock'
import { claimOf } from './claim'

/** The organisation that a token names, or undefined for one that is forged or over. */
export async function organizationAtEdge(token: string | undefined): Promise<string | undefined> {
  const [claim, secret] = [claimOf(token), process.env.TELEMETRY_SECRET ?? '']
  const signature = claim === undefined ? undefined : bytesOf(claim.signature)
  if (claim === undefined || signature === undefined || secret === '') return undefined
  const encoder = new TextEncoder()
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  const isSigned = await crypto.subtle.verify('HMAC', key, signature, encoder.encode(claim.text))
  return isSigned && claim.expiry > now().getTime() ? claim.organization : undefined
}

/** The bytes of base64url; undefined for what is none. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]+$/.test(text)) return undefined
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
