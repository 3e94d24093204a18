/**
 * Which stretch of time the page shows.
 *
 * Not here: what a range of days means (`lib/window.ts`), what happened in it (`view.ts`).
 */

import { DAY } from '../clock'

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

/** The `days` days that end at `end`. */
export function periodBefore(end: Date, days: number): Period {
  return { start: new Date(end.getTime() - days * DAY), end }
}
