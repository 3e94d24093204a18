/**
 * Requests and cost over time: the points of the bars.
 *
 * The one idea: an hour without requests is a point with 0, so that the axis is time and not a list of buckets.
 */
import type { Levels } from './levels'
import type { Period } from './range'
import { onlyDomain } from './totals'

/** How wide a point is: an hour, or a UTC day. */
export type Grain = 'hour' | 'day'

/** One bar. */
export interface TrendPoint {
  readonly start: Date
  /** The bucket's end, or the range's when the range cuts it off. */
  readonly end: Date
  readonly requests: number
  readonly costUsd: number
  /** Whether the range or the clock leaves out a part of the bucket. */
  readonly partial: boolean
}

const WIDTH_MS = { hour: 3_600_000, day: 86_400_000 } as const

/** The grain in which a range is shown unless the reader chooses: at most 168 bars. */
export function usualGrain(days: number): Grain {
  return days <= 7 ? 'hour' : 'day'
}

/** The points of a period, oldest first; the newest hour is still running. */
export function trendOf(levels: Levels, period: Period, domain: string | null, grain: Grain): TrendPoint[] {
  const width = WIDTH_MS[grain]
  const result = levels.hoursBy(domain).query({
    ...period,
    bucket: grain === 'hour' ? '1 hour' : '1 day',
    group_by: [],
    select: ['requests', 'cost_usd'],
    ...onlyDomain(domain),
  })
  const buckets = result.column('bucket') as BigInt64Array
  const requests = result.column('requests') as BigInt64Array
  const costs = result.column('cost_usd') as Float64Array
  const [from, until] = [period.start.getTime(), period.end.getTime()]
  const points: TrendPoint[] = []
  let row = 0
  for (let start = Math.floor(from / width) * width; start < until; start += width) {
    const found = row < result.length && Number(buckets[row]) === start * 1000
    points.push({
      start: new Date(Math.max(start, from)),
      end: new Date(Math.min(start + width, until)),
      requests: found ? Number(requests[row]) : 0,
      // NULL, the sum of no known cost, reads as 0 in the column.
      costUsd: found ? (costs[row] ?? 0) : 0,
      partial: start < from || start + width >= until,
    })
    if (found) row++
  }
  return points
}
