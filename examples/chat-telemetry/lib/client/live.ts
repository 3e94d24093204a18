/**
 * What the live stream says, read without trusting it.
 *
 * Not here: what is done with a change (`held.ts`), when the stream is opened (`store.ts`).
 */
import type { LiveSessions } from '@/lib/contract'
import { type Change, ChangeRefused } from './held'

/** A change of a few hours is some kilobytes; nothing that an honest server sends comes near this. */
const MAX_CHARACTERS = 16_000_000
const SHA256 = /^[0-9a-f]{64}$/

/**
 * The change of a `delta` event.
 *
 * @throws ChangeRefused
 */
export function deltaOf(text: string): Change {
  return { ...changeOf(objectOf(text)), range: null }
}

/**
 * The change of a `replace` event.
 *
 * @throws ChangeRefused
 */
export function replaceOf(text: string): Change {
  const event = objectOf(text)
  const [start, end] = [timeOf(event.start, 'start'), timeOf(event.end, 'end')]
  if (start >= end) throw new ChangeRefused('an update replaces a time range that ends before it starts')
  return { ...changeOf(event), range: { start, end } }
}

/**
 * The chats of a `sessions` event.
 *
 * @throws ChangeRefused
 */
export function sessionsOf(text: string): LiveSessions {
  const { activeSessions, currentCost, sessionsData } = objectOf(text)
  if (typeof activeSessions !== 'number' || typeof currentCost !== 'string' || !Array.isArray(sessionsData)) {
    throw new ChangeRefused('an update of the running chats has another form than expected')
  }
  return { activeSessions, currentCost, sessionsData: sessionsData.map(sessionOf) }
}

function sessionOf(value: unknown): LiveSessions['sessionsData'][number] {
  const { id, uptime, cost, model } = (value ?? {}) as Record<string, unknown>
  return { id: String(id), uptime: Number(uptime), cost: String(cost), model: String(model) }
}

function changeOf({ bytes, digest }: Record<string, unknown>): Omit<Change, 'range'> {
  if (typeof bytes !== 'string') throw new ChangeRefused('an update has no bytes')
  const isDigest = digest === undefined || digest === null || (typeof digest === 'string' && SHA256.test(digest))
  if (!isDigest) throw new ChangeRefused('an update has a digest that is no SHA-256')
  return { bytes: bytesOf(bytes), digest: digest ?? null }
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    throw new ChangeRefused('an update has bytes that are not base64')
  }
}

function timeOf(value: unknown, name: string): Date {
  const time = new Date(typeof value === 'string' ? value : Number.NaN)
  if (Number.isNaN(time.getTime())) throw new ChangeRefused(`an update has a ${name} that is no time`)
  return time
}

function objectOf(text: string): Record<string, unknown> {
  if (text.length > MAX_CHARACTERS) throw new ChangeRefused(`an update has ${text.length} characters, more than ${MAX_CHARACTERS}`)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // told below, like any other text that is no object
  }
  throw new ChangeRefused('an update is not JSON')
}
