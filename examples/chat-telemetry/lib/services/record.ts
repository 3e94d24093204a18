/** Recording one chat request. */
import { z } from 'zod'
import { now } from '../clock'
import type { Queries } from '../database/database'
import { costOf } from '../prices'

/** More would cost more than the column can hold. */
const MOST_TOKENS = 50_000_000
const MOST_INTEGER = 2_147_483_647
const count = z.number().int().min(0).max(MOST_INTEGER)
const tokens = z.number().int().min(0).max(MOST_TOKENS)
/** The database keeps no NUL in a text. */
const words = (most: number): z.ZodString => z.string().max(most).regex(/^[^\0]*$/, 'must not contain NUL')
const name = (most: number): z.ZodString => words(most).regex(/\S/, 'must not be blank')

/** One search of a chat request. */
const search = z.object({
  tool: words(200),
  query: words(2000),
  resultCount: count.default(0),
  duration: count.optional(),
  source: words(200).optional(),
})

/** The body of `POST /api/telemetry/chat`. */
export const CHAT_REQUEST = z.object({
  sessionId: name(200),
  domain: name(253),
  model: name(200),
  startTime: z.iso.datetime({ offset: true }).optional(),
  durationMs: count.nullish(),
  iterations: count.nullish(),
  maxIterations: count.optional(),
  searches: z.array(search).max(50).default([]),
  inputTokens: tokens.nullish(),
  outputTokens: tokens.nullish(),
  /** What went wrong; a request without it was successful. */
  error: words(2000).nullish(),
  finalResponseLength: count.optional(),
})
export type ChatRequest = z.infer<typeof CHAT_REQUEST>

/** What was recorded. */
export interface Recorded {
  readonly id: string
  /** USD, 6 decimals; null without both counts. */
  readonly costUsd: string | null
}

/** Writes a request that ended now. */
export async function recordChatRequest(queries: Queries, request: ChatRequest, userAgent: string | null): Promise<Recorded> {
  const end = now()
  const { inputTokens = null, outputTokens = null, durationMs = null, error = null } = request
  const cost = inputTokens === null || outputTokens === null ? null : costOf(request.model, inputTokens, outputTokens)
  const start = request.startTime ?? new Date(end.getTime() - (durationMs ?? 0)).toISOString()
  const values = {
    session_id: request.sessionId,
    domain: request.domain,
    model: request.model,
    start_time: start,
    end_time: end.toISOString(),
    created_at: end.toISOString(),
    duration_ms: durationMs,
    iterations: request.iterations ?? null,
    max_iterations: request.maxIterations ?? 3,
    search_count: request.searches.length,
    total_results: request.searches.reduce((sum, { resultCount }) => sum + resultCount, 0),
    searches: JSON.stringify(request.searches),
    success: error === null || error === '',
    error,
    final_response_length: request.finalResponseLength ?? null,
    user_agent: userAgent?.slice(0, 500) ?? null,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    cost_usd: cost,
  }
  const names = Object.keys(values)
  const [row] = await queries.query<{ id: string }>(
    `INSERT INTO chat_telemetry (${names.join(', ')}) VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')}) RETURNING id`,
    Object.values(values),
  )
  return { id: (row as { id: string }).id, costUsd: cost }
}
