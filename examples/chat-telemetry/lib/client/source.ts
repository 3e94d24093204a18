/**
 * Loads the page rollup from the API.
 */
import { init } from 'isofold'
import { type ErrorBody, HEADERS, PACKED, ROUTES } from '@/lib/contract'
import { windowOf } from '@/lib/window'
import { Held } from './held'
import { prepare } from './view'

/** What was loaded. */
export interface Loaded {
  readonly held: Held
  /** Where the live stream goes on. */
  readonly cursor: string
  /** The server's time when it answered. */
  readonly now: Date
  /** Up to where the server had stored hours; null before its first refresh. */
  readonly watermark: Date | null
}

/** Why nothing could be loaded, in words for the reader. */
export class LoadFailure extends Error {
  constructor(
    readonly code: 'offline' | 'signed_out' | 'failed',
    message: string,
  ) {
    super(message)
  }
}

/**
 * Loads the rollup, and compiles WebAssembly meanwhile.
 *
 * @throws LoadFailure
 */
export async function load(signal: AbortSignal): Promise<Loaded> {
  const [response] = await Promise.all([ask(signal), init()])
  if (response.status === 401) throw new LoadFailure('signed_out', 'You are signed out.')
  if (!response.ok) throw new LoadFailure('failed', await wordsOf(response))
  const now = timeOf(response.headers.get(HEADERS.now)) ?? new Date()
  try {
    const bytes = await bytesOf(response)
    const held = await Held.load(bytes, response.headers.get(HEADERS.digest) ?? '', windowOf(1, now).end)
    await prepare(held.levels)
    const watermark = timeOf(response.headers.get(HEADERS.watermark))
    return { held, cursor: response.headers.get(HEADERS.cursor) ?? '', now, watermark }
  } catch (error) {
    throw new LoadFailure('failed', `What the server sent cannot be read: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

async function ask(signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(ROUTES.rollup, { signal, cache: 'no-cache', headers: { accept: `${PACKED}, application/octet-stream` } })
  } catch {
    throw new LoadFailure('offline', 'The server cannot be reached.')
  }
}

/** The bytes of a rollup, unpacked where they are packed. */
async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const { body } = response
  const isPacked = body !== null && response.headers.get('content-type') === PACKED
  const plain = isPacked ? new Response(body.pipeThrough(new DecompressionStream('gzip'))) : response
  return new Uint8Array(await plain.arrayBuffer())
}

async function wordsOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as ErrorBody
    return `The server says: ${error.message}.`
  } catch {
    return `The server answers with status ${response.status}.`
  }
}

function timeOf(header: string | null): Date | null {
  const time = new Date(header ?? Number.NaN)
  return Number.isNaN(time.getTime()) ? null : time
}
