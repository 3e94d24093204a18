/**
 * What does it cost in a day, in a month, and is it rising?
 *
 * Not here: where the numbers come from. Browser and server use this module.
 */
import type { Trend } from '../contract'

/** Costs in USD: of an hour of the range, of 24 such hours, of 30 such days. */
export interface Projection {
  readonly perHour: number
  readonly daily: number
  readonly monthly: number
}

/** Projects what `days` cost. */
export function projectionOf(totalUsd: number, days: number): Projection {
  const perHour = totalUsd / (days * 24)
  return { perHour, daily: perHour * 24, monthly: perHour * 24 * 30 }
}

/** How many points, the last ones, say where costs go. */
const POINTS = 6
const CHANGE = 0.2

/** Compares the second half of the last six points with the first; what was free and is not yet is stable. */
export function directionOf(costs: readonly number[]): Trend {
  const last = costs.slice(-POINTS)
  const half = Math.floor(last.length / 2)
  if (half === 0) return 'stable'
  const [before, after] = [mean(last.slice(0, half)), mean(last.slice(-half))]
  if (before === 0) return 'stable'
  const change = (after - before) / before
  if (change > CHANGE) return 'increasing'
  return change < -CHANGE ? 'decreasing' : 'stable'
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
