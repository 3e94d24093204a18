/**
 * The rollup that the page holds, and the coarser ones that answer quickly.
 *
 * The one idea: coarsening is exact, so a level made once at loading and kept up by merging coarsened deltas is, byte
 * for byte, what coarsening everything again would give. Days end where the running hour ends, which makes every range
 * a whole number of them.
 *
 * Not here: which questions are asked (`view.ts`); whether the server agrees (`held.ts`).
 */
import type { Rollup, Spec } from 'isofold'
import { periodBefore, type Period } from './range'

interface KeptPeriod {
  readonly period: Period
  readonly days: number
  readonly rollup: Rollup
}

/** One bucket until 2100, whose edges are edges of days and months. */
const ALL_TIME = { bucket: '1200 months' }

/** The coarser levels, of (hour), (hour, domain) and (day, domain, model). */
export class Levels {
  /** Counts every change, so that answers can be kept until the next one. */
  version = 0
  readonly hours: Rollup
  readonly #hourTotals: Rollup
  readonly #hourDomains: Rollup
  readonly #periods = new Map<string, KeptPeriod>()
  readonly #before: Rollup | undefined
  #days: Rollup
  #allTime: Rollup | undefined
  #end: Date

  /**
   * Makes the levels of a page rollup, which it takes over.
   *
   * @param end The end of the running hour; days are counted back from it.
   * @param before What is older than the hours, of months or days by domain and model, where it is known.
   */
  constructor(hours: Rollup, end: Date, before?: Rollup) {
    this.hours = hours
    this.#before = before?.coarsen(ALL_TIME)
    this.#hourDomains = hours.coarsen({ group_by: ['domain'] })
    this.#hourTotals = this.#hourDomains.coarsen({ group_by: [] })
    this.#end = end
    this.#days = hours.coarsen({ bucket: dayBefore(end) })
  }

  /** The end of the running hour, which all ranges share. */
  get end(): Date {
    return this.#end
  }

  /** The hours, of all domains together or apart. */
  hoursBy(domain: string | null): Rollup {
    return domain === null ? this.#hourTotals : this.#hourDomains
  }

  /** The days by (domain, model), which end where the running hour does. */
  get days(): Rollup {
    return this.#days
  }

  /** One bucket per (domain, model) with everything until the running hour ends, what is older than the hours too. */
  allTime(): Rollup {
    if (this.#allTime !== undefined) return this.#allTime
    const whole = this.#untilEnd(this.hours)
    if (this.#before !== undefined) whole.merge(this.#before)
    this.#allTime = whole
    return whole
  }

  /** One bucket per (domain, model) with all of the `days` days that end `back` days before the running hour does. */
  period(days: number, back = 0): Rollup {
    const key = `${days} ${back}`
    const known = this.#periods.get(key)
    if (known !== undefined) return known.rollup
    const period = periodBefore(periodBefore(this.#end, back).start, days)
    const rollup = coarsenedTo(this.#days, period, days)
    this.#periods.set(key, { period, days, rollup })
    return rollup
  }

  /**
   * Moves the end of all ranges.
   *
   * **Cost** Linear in the groups, once an hour.
   */
  advance(end: Date): void {
    if (end.getTime() === this.#end.getTime()) return
    this.#end = end
    this.#days.free()
    this.#days = this.hours.coarsen({ bucket: dayBefore(end) })
    this.#forget()
    this.version++
  }

  /**
   * Adds new rows.
   *
   * @throws `merge.schema`, `limit.*`; the levels are as they were then.
   */
  merge(delta: Rollup): void {
    this.hours.merge(delta)
    once(delta.coarsen({ group_by: ['domain'] }), (domains) => {
      this.#hourDomains.merge(domains)
      once(domains.coarsen({ group_by: [] }), (totals) => this.#hourTotals.merge(totals))
    })
    const whole = this.#allTime
    if (whole !== undefined) once(this.#untilEnd(delta), (more) => whole.merge(more))
    once(delta.coarsen({ bucket: dayBefore(this.#end) }), (days) => {
      this.#days.merge(days)
      for (const { period, days: length, rollup } of this.#periods.values()) {
        once(coarsenedTo(days, period, length), (whole) => rollup.merge(whole))
      }
    })
    this.version++
  }

  /**
   * Puts other rows in the place of all rows from `start` to `end`.
   *
   * @throws `range.*`, `merge.schema`, `limit.*`; the levels are as they were then.
   */
  replace(start: Date, end: Date, other: Rollup): void {
    this.hours.replace(start, end, other)
    once(other.coarsen({ group_by: ['domain'] }), (domains) => {
      this.#hourDomains.replace(start, end, domains)
      once(domains.coarsen({ group_by: [] }), (totals) => this.#hourTotals.replace(start, end, totals))
    })
    const [first, last] = [this.#dayEdge(start, Math.floor), this.#dayEdge(end, Math.ceil)]
    once(this.hours.slice(first, last), (hours) =>
      once(hours.coarsen({ bucket: dayBefore(this.#end) }), (days) => this.#days.replace(first, last, days)),
    )
    this.#forget()
    this.version++
  }

  /** Gives the memory back. */
  free(): void {
    this.#forget()
    for (const rollup of [this.hours, this.#hourDomains, this.#hourTotals, this.#days, this.#before]) rollup?.free()
  }

  #untilEnd(rollup: Rollup): Rollup {
    return once(rollup.slice(null, this.#end), (slice) => slice.coarsen(ALL_TIME))
  }

  #dayEdge(time: Date, round: (days: number) => number): Date {
    const day = 86_400_000
    return new Date(this.#end.getTime() + round((time.getTime() - this.#end.getTime()) / day) * day)
  }

  #forget(): void {
    for (const { rollup } of this.#periods.values()) rollup.free()
    this.#periods.clear()
    this.#allTime?.free()
    this.#allTime = undefined
  }
}

function dayBefore(end: Date): Spec['bucket'] {
  return { width: '1 day', origin: end }
}

/** The days of a period as one bucket. */
function coarsenedTo(days: Rollup, { start, end }: Period, length: number): Rollup {
  return once(days.slice(start, end), (slice) => slice.coarsen({ bucket: { width: `${length} days`, origin: start } }))
}

/** Uses a rollup and gives its memory back, which a browser's garbage collector does not see. */
function once<T>(rollup: Rollup, use: (rollup: Rollup) => T): T {
  try {
    return use(rollup)
  } finally {
    rollup.free()
  }
}
