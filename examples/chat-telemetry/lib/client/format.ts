/**
 * How numbers and times are written; a value that is not there is a dash.
 *
 * The one idea: English words with UTC times, whatever the browser's language and zone, as buckets are UTC.
 */
import type { Grain, TrendPoint } from './trend'

const DASH = '–'
const whole = new Intl.NumberFormat('en-US')
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })
const tenths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1, minimumFractionDigits: 1 })
const percents = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 1 })
const changes = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' })
const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })
const cents = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', minimumFractionDigits: 4 })
const dates = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', month: 'short', day: 'numeric' })
const times = new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })

/** `12,345`. */
export function number(value: number | null): string {
  return value === null ? DASH : whole.format(Math.round(value))
}

/** `12.3K`. */
export function short(value: number | null): string {
  return value === null ? DASH : compact.format(value)
}

/** `1.8`. */
export function decimal(value: number | null): string {
  return value === null ? DASH : tenths.format(value)
}

/** `97.3%` of a share from 0 to 1; only all is 100 %. */
export function percent(share: number | null): string {
  if (share === null) return DASH
  return share < 1 && share > 0.9994 ? '>99.9%' : percents.format(share)
}

/** `$1,234.56`, with two decimals more below a dollar. */
export function usd(value: number | null): string {
  if (value === null) return DASH
  return value > 0 && value < 1 ? cents.format(value) : dollars.format(value)
}

/** `840 ms`, `2.4 s` or `3 min 5 s`. */
export function duration(ms: number | null): string {
  if (ms === null) return DASH
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${tenths.format(ms / 1000)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** `+12%` from one value to another; null where the first is nothing to compare with. */
export function change(from: number | null | undefined, to: number | null): string | null {
  return from === null || from === undefined || from === 0 || to === null ? null : changes.format(to / from - 1).replace('-', '−')
}

/** `Nov 20`. */
export function date(time: Date): string {
  return dates.format(time)
}

/** `14:00`. */
export function clock(time: Date): string {
  return times.format(time)
}

/** The name of a bar: `Nov 20, 14:00–15:00` or `Nov 20`, with its hours when the range cuts it. */
export function pointName({ start, end }: TrendPoint, grain: Grain): string {
  const isWhole = end.getTime() - start.getTime() === 86_400_000
  return grain === 'day' && isWhole ? date(start) : `${date(start)}, ${clock(start)}–${clock(end)}`
}

/** `3 min ago`, `2 hr ago`, `5 days ago`. */
export function ago(time: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - time.getTime()) / 60_000))
  if (minutes === 0) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} hr ago`
  return `${Math.floor(hours / 24)} days ago`
}
