/** Everything about a model, of all time and of lately, over the domains of whoever asks. */
import { UNKNOWN } from '../catalog'
import { DAY } from '../clock'
import { type Answer, numberIn, type Reader, RECENT_DAYS, timeIn } from './reader'

/** A row of `chat_telemetry_model_summary`. NULL is "no value", never zero. */
export interface ModelSummary {
  readonly model: string
  readonly total_uses: number
  readonly unique_domains: number
  readonly successful_requests: number
  /** Two decimals. */
  readonly success_rate_pct: number
  readonly total_cost: number
  /** Over all requests; those without a cost count as 0. */
  readonly avg_cost_per_request: number
  /** USD for a thousand tokens; NULL without tokens. */
  readonly cost_per_1k_tokens: number | null
  readonly avg_duration_ms: number | null
  /** Within 0.5415 % of the order statistics. */
  readonly p95_duration_ms: number | null
  readonly avg_tokens_per_request: number
  readonly avg_input_tokens: number | null
  readonly avg_output_tokens: number | null
  readonly total_tokens: number
  readonly avg_searches_per_request: number | null
  readonly avg_iterations_per_request: number | null
  readonly first_used_at: Date
  readonly last_used_at: Date
  readonly uses_last_24h: number
  readonly uses_last_7d: number
  readonly materialized_at: Date
}

const METRICS = [
  'requests',
  'successes',
  'cost_usd',
  'avg_duration_ms',
  'p95_duration_ms',
  'avg_input_tokens',
  'avg_output_tokens',
  'total_tokens',
  'avg_searches',
  'avg_iterations',
  'first_request_at',
  'last_request_at',
]

/** The summaries of all models that have a name, by model. */
export async function fetchModelSummary(reader: Reader, now: Date): Promise<ModelSummary[]> {
  const asked = { end: now, bucket: null, where: `model <> '${UNKNOWN}'` }
  const all = await reader.read({ ...asked, group_by: ['model'], select: METRICS })
  const pairs = await reader.read({ ...asked, where: `${asked.where} and domain <> '${UNKNOWN}'`, group_by: ['model', 'domain'], select: ['requests'] })
  const recent = await reader.read({
    ...asked,
    start: new Date(now.getTime() - RECENT_DAYS * DAY),
    group_by: ['model'],
    select: ['requests'],
    windows: { last_24h: '24 hours', last_7d: '7 days' },
  })
  const recentOf = new Map(recent.map((answer) => [answer.model, answer]))
  return all.map((answer) => {
    const domains = pairs.filter(({ model }) => model === answer.model).length
    return summaryOf(answer, domains, recentOf.get(answer.model as string), now)
  })
}

function summaryOf(all: Answer, domains: number, recent: Answer | undefined, now: Date): ModelSummary {
  const number = (name: string): number => numberIn(all, name, 0)
  const maybe = (name: string): number | null => numberIn(all, name, null)
  const [uses, tokens] = [number('requests'), number('total_tokens')]
  return {
    model: String(all.model),
    total_uses: uses,
    unique_domains: domains,
    successful_requests: number('successes'),
    success_rate_pct: Math.round((10_000 * number('successes')) / uses) / 100,
    total_cost: number('cost_usd'),
    avg_cost_per_request: number('cost_usd') / uses,
    cost_per_1k_tokens: tokens === 0 ? null : (1000 * number('cost_usd')) / tokens,
    avg_duration_ms: maybe('avg_duration_ms'),
    p95_duration_ms: maybe('p95_duration_ms'),
    avg_tokens_per_request: tokens / uses,
    avg_input_tokens: maybe('avg_input_tokens'),
    avg_output_tokens: maybe('avg_output_tokens'),
    total_tokens: tokens,
    avg_searches_per_request: maybe('avg_searches'),
    avg_iterations_per_request: maybe('avg_iterations'),
    first_used_at: timeIn(all, 'first_request_at'),
    last_used_at: timeIn(all, 'last_request_at'),
    uses_last_24h: numberIn(recent, 'requests_last_24h', 0),
    uses_last_7d: numberIn(recent, 'requests_last_7d', 0),
    materialized_at: now,
  }
}
