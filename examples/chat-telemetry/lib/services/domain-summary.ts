/**
 * Everything about a domain, of all time and of lately.
 *
 * The one idea: asked when it is read, so that "the last 24 hours" are those before now and never age.
 */
import { UNKNOWN } from '../catalog'
import { DAY } from '../clock'
import { type Answer, numberIn, type Reader, RECENT_DAYS, timeIn, whereDomain } from './reader'

/** A row of `chat_telemetry_domain_summary`. NULL is "no value", never zero. */
export interface DomainSummary {
  readonly domain: string
  readonly total_requests_all_time: number
  readonly successful_requests_all_time: number
  /** Two decimals. */
  readonly success_rate_pct: number
  readonly total_cost_usd_all_time: number
  /** Over all requests; those without a cost count as 0. */
  readonly avg_cost_per_request: number
  readonly max_cost_single_request: number | null
  readonly total_input_tokens: number
  readonly total_output_tokens: number
  readonly total_tokens: number
  readonly avg_tokens_per_request: number
  readonly avg_duration_ms: number | null
  /** Within 0.5415 % of the order statistics. */
  readonly median_duration_ms: number | null
  readonly p95_duration_ms: number | null
  readonly max_duration_ms: number | null
  readonly avg_searches_per_request: number | null
  readonly total_searches: number
  readonly avg_iterations_per_request: number | null
  /** Of two that are used as often, the first by name. */
  readonly most_used_model: string
  readonly unique_models_used: number
  readonly first_request_at: Date
  readonly last_request_at: Date
  readonly requests_last_24h: number
  readonly cost_last_24h: number | null
  readonly requests_last_7d: number
  readonly cost_last_7d: number | null
  readonly materialized_at: Date
}

const METRICS = [
  'requests',
  'successes',
  'cost_usd',
  'max_cost_usd',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'avg_duration_ms',
  'p50_duration_ms',
  'p95_duration_ms',
  'max_duration_ms',
  'avg_searches',
  'searches',
  'avg_iterations',
  'first_request_at',
  'last_request_at',
]

/** The summary of a domain; null when it has no requests. */
export async function fetchDomainSummary(reader: Reader, domain: string, now: Date): Promise<DomainSummary | null> {
  const [summary] = await summaries(reader, now, whereDomain(domain))
  return summary ?? null
}

/** The summaries of all domains that have a name, by domain. */
export async function fetchDomainSummaries(reader: Reader, now: Date): Promise<DomainSummary[]> {
  return await summaries(reader, now, `domain <> '${UNKNOWN}'`)
}

async function summaries(reader: Reader, now: Date, where: string): Promise<DomainSummary[]> {
  const asked = { end: now, bucket: null, where }
  const all = await reader.read({ ...asked, group_by: ['domain'], select: METRICS })
  const models = modelsByDomain(await reader.read({ ...asked, group_by: ['domain', 'model'], select: ['requests'] }))
  const windows = { group_by: ['domain'], select: ['requests', 'cost_usd'], windows: { last_24h: '24 hours', last_7d: '7 days' } }
  // windows alone do not need all time
  const recent = await reader.read({ ...asked, ...windows, start: new Date(now.getTime() - RECENT_DAYS * DAY) })
  const recentOf = new Map(recent.map((answer) => [answer.domain, answer]))
  return all.map((answer) => summaryOf(answer, models.get(String(answer.domain)) as ModelUse, recentOf.get(answer.domain as string), now))
}

function summaryOf(all: Answer, { mostUsed, count }: ModelUse, recent: Answer | undefined, now: Date): DomainSummary {
  const number = (name: string): number => numberIn(all, name, 0)
  const maybe = (name: string): number | null => numberIn(all, name, null)
  const requests = number('requests')
  const within = (window: string): [number, number | null] => {
    const found = numberIn(recent, `requests_${window}`, 0)
    return [found, found === 0 ? null : numberIn(recent, `cost_usd_${window}`, 0)]
  }
  const [[day, dayCost], [week, weekCost]] = [within('last_24h'), within('last_7d')]
  return {
    domain: String(all.domain),
    total_requests_all_time: requests,
    successful_requests_all_time: number('successes'),
    success_rate_pct: Math.round((10_000 * number('successes')) / requests) / 100,
    total_cost_usd_all_time: number('cost_usd'),
    avg_cost_per_request: number('cost_usd') / requests,
    max_cost_single_request: maybe('max_cost_usd'),
    total_input_tokens: number('input_tokens'),
    total_output_tokens: number('output_tokens'),
    total_tokens: number('total_tokens'),
    avg_tokens_per_request: number('total_tokens') / requests,
    avg_duration_ms: maybe('avg_duration_ms'),
    median_duration_ms: maybe('p50_duration_ms'),
    p95_duration_ms: maybe('p95_duration_ms'),
    max_duration_ms: maybe('max_duration_ms'),
    avg_searches_per_request: maybe('avg_searches'),
    total_searches: number('searches'),
    avg_iterations_per_request: maybe('avg_iterations'),
    most_used_model: mostUsed,
    unique_models_used: count,
    first_request_at: timeIn(all, 'first_request_at'),
    last_request_at: timeIn(all, 'last_request_at'),
    requests_last_24h: day,
    cost_last_24h: dayCost,
    requests_last_7d: week,
    cost_last_7d: weekCost,
    materialized_at: now,
  }
}

interface ModelUse {
  readonly mostUsed: string
  readonly uses: number
  readonly count: number
}

function modelsByDomain(answers: readonly Answer[]): ReadonlyMap<string, ModelUse> {
  const found = new Map<string, ModelUse>()
  for (const answer of answers) {
    const [domain, model, uses] = [String(answer.domain), String(answer.model), numberIn(answer, 'requests', 0)]
    const known = found.get(domain) ?? { mostUsed: model, uses: 0, count: 0 }
    const wins = uses > known.uses || (uses === known.uses && model < known.mostUsed)
    found.set(domain, { ...(wins ? { mostUsed: model, uses } : known), count: known.count + 1 })
  }
  return found
}
