/**
 * What the requests cost, and what they would at this rate.
 */
import type { Trend } from '@/lib/contract'
import { directionOf, projectionOf } from '@/lib/services/projection'
import { grainOf } from '@/lib/window'
import type { Levels } from './levels'
import { periodBefore } from './range'
import type { Totals } from './totals'
import { trendOf } from './trend'

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

/** The cost analysis of the range of `days` days, whose totals are known. */
export function costOf(levels: Levels, days: number, domain: string | null, totals: Totals): CostAnalysis {
  const { perHour, daily, monthly } = projectionOf(totals.costUsd, days)
  return {
    total: totals.costUsd,
    perRequest: totals.avgCostUsd,
    dearestRequest: totals.maxCostUsd,
    perHour,
    projectedDaily: daily,
    projectedMonthly: monthly,
    direction: directionOf(wholeCosts(levels, days, domain)),
  }
}

/** The costs of the points that are whole and have requests: the running hour, or day, has not cost yet what it will. */
function wholeCosts(levels: Levels, days: number, domain: string | null): number[] {
  const points = trendOf(levels, periodBefore(levels.end, days), domain, grainOf(days))
  return points.filter(({ partial, requests }) => !partial && requests > 0).map(({ costUsd }) => costUsd)
}
