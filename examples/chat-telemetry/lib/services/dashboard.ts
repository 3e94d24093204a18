/**
 * The JSON of the dashboard.
 *
 * The one idea: totals, models, domains and trend are four questions to the same rollup; a mean is read from its sum
 * and its own count, never from other means.
 */
import type { Query } from 'isofold'
import type { DashboardTelemetry, LiveSessions } from '../contract'
import { grainOf, isWhole, windowOf } from '../window'
import { type Freshness, healthOf } from './freshness'
import { directionOf, projectionOf } from './projection'
import { type Answer, numberIn, type Reader, whereDomain } from './reader'
import { getTrendFromRollups } from './trend'

/** What a dashboard is made from. */
export interface DashboardQuestion {
  readonly days: number
  readonly domain?: string | undefined
  readonly now: Date
  readonly reader: Reader
  readonly digest: string | null
  readonly freshness: Freshness
  readonly live: LiveSessions
}

const TOTALS = [
  'requests',
  'successes',
  'failures',
  'cost_usd',
  'input_tokens',
  'output_tokens',
  'total_tokens',
  'avg_duration_ms',
  'searches',
  'avg_searches',
  'avg_iterations',
]

/** The body of `GET /api/dashboard/telemetry`. */
export async function dashboardTelemetry(question: DashboardQuestion): Promise<DashboardTelemetry> {
  const { days, domain, now, reader, digest, freshness, live } = question
  const window = windowOf(days, now)
  const asked: Query = { ...window, bucket: null, ...(domain === undefined ? {} : { where: whereDomain(domain) }) }
  const [totals] = await reader.read({ ...asked, group_by: [], select: TOTALS })
  const models = await reader.read({ ...asked, group_by: ['model'], select: ['requests', 'cost_usd', 'total_tokens'], order_by: ['-requests', 'model'] })
  const domains = await reader.read({ ...asked, group_by: ['domain'], select: ['requests', 'cost_usd'], order_by: ['-requests', 'domain'] })
  const trend = await getTrendFromRollups(reader, { ...window, grain: grainOf(days), domain })

  const number = (name: string): number => numberIn(totals, name, 0)
  const requests = number('requests')
  const cost = number('cost_usd')
  const projection = projectionOf(cost, days)
  return {
    overview: {
      totalRequests: requests,
      successfulRequests: number('successes'),
      failedRequests: number('failures'),
      successRate: requests === 0 ? 100 : percent(number('successes'), requests),
      errorRate: percent(number('failures'), requests),
      activeSessions: live.activeSessions,
      timeRange: days === 1 ? 'Last 24 hours' : `Last ${days} days`,
    },
    cost: {
      total: cost.toFixed(4),
      average: (requests === 0 ? 0 : cost / requests).toFixed(6),
      projectedDaily: projection.daily.toFixed(2),
      projectedMonthly: projection.monthly.toFixed(2),
      perHour: projection.perHour.toFixed(4),
      trend: directionOf(trend.filter(({ hour }) => isWhole(hour, days, now)).map((point) => point.cost)),
    },
    tokens: {
      totalInput: number('input_tokens'),
      totalOutput: number('output_tokens'),
      total: number('total_tokens'),
      avgPerRequest: requests === 0 ? 0 : Math.round(number('total_tokens') / requests),
    },
    performance: {
      avgResponseTime: Math.round(number('avg_duration_ms')),
      totalSearches: number('searches'),
      avgSearchesPerRequest: number('avg_searches').toFixed(1),
      avgIterations: number('avg_iterations').toFixed(1),
    },
    modelUsage: models.map((answer) => ({
      model: text(answer, 'model'),
      count: numberIn(answer, 'requests', 0),
      cost: numberIn(answer, 'cost_usd', 0),
      tokens: numberIn(answer, 'total_tokens', 0),
      percentage: percent(numberIn(answer, 'requests', 0), requests),
    })),
    domainBreakdown: domains.map((answer) => ({
      domain: text(answer, 'domain'),
      requests: numberIn(answer, 'requests', 0),
      cost: numberIn(answer, 'cost_usd', 0),
    })),
    hourlyTrend: trend.map(({ hour, requests: count, cost: usd }) => ({ hour: hour.toISOString(), cost: usd.toFixed(6), requests: count })),
    live,
    health: healthOf(freshness, now),
    digest,
  }
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((100 * part) / whole)
}

function text(answer: Answer, name: string): string {
  return String(answer[name])
}
