/**
 * What the requests cost, and what they would at this rate.
 */
import type { Trend } from '@/lib/contract'
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

const POINTS = 6
/** A smaller change than this is none. */
const THRESHOLD = 0.2

/** The cost analysis of the range of `days` days, whose totals are known. */
export function costOf(levels: Levels, days: number, domain: string | null, totals: Totals): CostAnalysis {
  const perHour = totals.costUsd / (days * 24)
  return {
    total: totals.costUsd,
    perRequest: totals.avgCostUsd,
    dearestRequest: totals.maxCostUsd,
    perHour,
    projectedDaily: perHour * 24,
    projectedMonthly: perHour * 24 * 30,
    direction: costDirection(recentCosts(levels, days, domain)),
  }
}

/**
 * Compares the later half of some costs with the earlier half: more than a fifth above or below it is a direction.
 *
 * @param costs Of periods of equal length, oldest first; an earlier half without any cost is stable.
 */
export function costDirection(costs: readonly number[]): Trend {
  const half = Math.floor(costs.length / 2)
  const before = mean(costs.slice(0, half))
  if (before === 0) return 'stable'
  const change = mean(costs.slice(half)) / before - 1
  if (change > THRESHOLD) return 'increasing'
  return change < -THRESHOLD ? 'decreasing' : 'stable'
}

/** The costs of the last six points that are whole: the running hour, or day, has not cost yet what it will. */
function recentCosts(levels: Levels, days: number, domain: string | null): number[] {
  const points = trendOf(levels, periodBefore(levels.end, days), domain, days <= 2 ? 'hour' : 'day')
  return points.filter(({ partial }) => !partial).slice(-POINTS).map(({ costUsd }) => costUsd)
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
