/**
 * Which hours does a range of days mean, and which of its points are whole?
 *
 * The one idea: whole hours, the running one included, so that the API, which reads stored hours, and the page, which
 * holds hours, answer the same question. Browser and server use this module.
 */
import { DAY, floorTo, HOUR } from './clock'

/** The range of the last `days` × 24 hours: `[start, end)`, where `end` ends the running hour. */
export function windowOf(days: number, now: Date): { readonly start: Date; readonly end: Date } {
  const end = new Date(floorTo(HOUR, now).getTime() + HOUR)
  return { start: new Date(end.getTime() - days * DAY), end }
}

/** The points of a trend: hours while there are at most 48, else days of UTC. */
export function grainOf(days: number): 'hour' | 'day' {
  return days <= 2 ? 'hour' : 'day'
}

/** Whether a point of the trend lies in the range as a whole and is over. */
export function isWhole(point: Date, days: number, now: Date): boolean {
  const length = grainOf(days) === 'hour' ? HOUR : DAY
  return point >= windowOf(days, now).start && point.getTime() + length <= now.getTime()
}
