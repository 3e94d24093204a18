/**
 * What the requests cost, and what they would at this rate.
 *
 * Not here: the rules of projection and direction (`lib/services/projection.ts`), which the API has too.
 */
import type { Trend } from '@/lib/contract'
import { directionOf, projectionOf } from '@/lib/services/projection'
import type { Totals } from './totals'
import type { TrendPoint } from './trend'

/** The cost analysis of a period; all in USD. */
export interface CostAnalysis {
  readonly total: number
  readonly perRequest: number | null
  readonly dearestRequest: number | null
  readonly perHour: number
  readonly projectedDaily: number
  /** Of thirty days. */
  readonly projectedMonthly: number
  readonly direction: Trend
}

/**
 * The cost analysis of the range of `days` days.
 *
 * @param points Of the range; only those that are whole and have requests tell a direction: the running hour, or day,
 *   has not cost yet what it will.
 */
export function costOf(totals: Totals, days: number, points: readonly TrendPoint[]): CostAnalysis {
  const { perHour, daily, monthly } = projectionOf(totals.costUsd, days)
  const telling = points.filter(({ partial, requests }) => !partial && requests > 0)
  return {
    total: totals.costUsd,
    perRequest: totals.avgCostUsd,
    dearestRequest: totals.maxCostUsd,
    perHour,
    projectedDaily: daily,
    projectedMonthly: monthly,
    direction: directionOf(telling.map(({ costUsd }) => costUsd)),
  }
}
