/**
 * Which stretch of time the page shows.
 *
 * The one idea: a range is whole UTC hours that end with the running one, so that every range, and the period before
 * it, is a union of buckets that the page holds, and no answer needs a row.
 *
 * Not here: what happened in it (`view.ts`).
 */

const HOUR_MS = 3_600_000

/** The ranges that the page offers. */
export const RANGES = [
  { key: '24h', days: 1, label: 'Last 24 hours' },
  { key: '7d', days: 7, label: 'Last 7 days' },
  { key: '30d', days: 30, label: 'Last 30 days' },
  { key: '90d', days: 90, label: 'Last 90 days' },
] as const

export type RangeKey = (typeof RANGES)[number]['key']

/** A half-open stretch of whole hours. */
export interface Period {
  readonly start: Date
  readonly end: Date
}

/** How many whole days a range has. */
export function daysOf(range: RangeKey): number {
  return RANGES.find(({ key }) => key === range)?.days ?? 7
}

/** The range of that name, if there is one. */
export function rangeNamed(name: string | null): RangeKey | undefined {
  return RANGES.find(({ key }) => key === name)?.key
}

/** The end of the running hour. */
export function endOfHour(now: Date): Date {
  return new Date((Math.floor(now.getTime() / HOUR_MS) + 1) * HOUR_MS)
}

/** The `days` days that end at `end`. */
export function periodBefore(end: Date, days: number): Period {
  return { start: new Date(end.getTime() - days * 24 * HOUR_MS), end }
}
