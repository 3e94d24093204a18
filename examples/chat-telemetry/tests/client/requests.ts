/** Rows of chat requests for tests: repeatable, with gaps, NULLs and names that need care. */
import { Rollup } from 'isofold'
import { PAGE_SPEC } from '@/lib/catalog'

/** A row of `chat_telemetry`, as far as rollups read it. */
export type Request = {
  readonly created_at: Date
  readonly domain: string | null
  readonly model: string | null
  readonly success: boolean | null
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  readonly total_tokens: number
  readonly cost_usd: number | null
  readonly duration_ms: number | null
  readonly search_count: number
  readonly iterations: number
}

const DOMAINS = ['shop.example', "o'brien.example", '  shop.example ', 'docs.example', null, ' ']
const MODELS = ['gpt-5-mini', 'gpt-4.1', 'claude "x"', null]

/** `count` requests spread over the days before `end`, most of them recent. */
export function requestsBefore(end: Date, count: number, days = 90, seed = 1): Request[] {
  const random = randomFrom(seed)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
  return Array.from({ length: count }, () => {
    const [input, output] = [Math.floor(random() * 4000), Math.floor(random() * 900)]
    const isCosted = random() > 0.1
    return {
      created_at: new Date(end.getTime() - 1 - Math.floor(random() ** 2 * days * 86_400_000)),
      domain: pick(DOMAINS),
      model: pick(MODELS),
      success: pick([true, true, true, true, false, null]),
      input_tokens: isCosted ? input : null,
      output_tokens: isCosted ? output : null,
      total_tokens: isCosted ? input + output : 0,
      // sixteenths add without rounding in any order, so that the naive sum is the exact one
      cost_usd: isCosted ? Math.floor(random() * 64) / 16 : null,
      duration_ms: random() > 0.1 ? Math.floor(200 + random() ** 4 * 30_000) : null,
      search_count: Math.floor(random() * 4),
      iterations: 1 + Math.floor(random() * 3),
    }
  })
}

/** The page rollup of some requests. */
export function rollupOf(requests: readonly Request[]): Rollup {
  const rollup = new Rollup(PAGE_SPEC)
  rollup.ingest(requests)
  return rollup
}

/** The rule of names, written again. */
export function nameOf(name: string | null): string {
  return name === null || name.trim() === '' ? 'unknown' : name.trim()
}

function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}
