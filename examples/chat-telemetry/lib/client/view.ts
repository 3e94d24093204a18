/**
 * Everything that the dashboard says about a range, a domain and a moment: a function of the rollup it holds.
 *
 * Not here: how numbers are written (`format.ts`) and drawn (`components/`).
 */
import { PAGE_DAYS } from '@/lib/catalog'
import { grainOf } from '@/lib/window'
import { type CostAnalysis, costOf } from './cost'
import type { Levels } from './levels'
import { daysOf, type Period, periodBefore, type RangeKey, RANGES } from './range'
import { type Share, sharesOf } from './shares'
import { type Totals, totalsOf } from './totals'
import { type Grain, type TrendPoint, trendOf, usualGrain } from './trend'

/** What the reader chose; the address of the page holds it. */
export interface Choice {
  readonly range: RangeKey
  readonly domain: string | null
  /** The width of the bars; the usual one of the range when null. */
  readonly grain: Grain | null
}

/** What the dashboard shows. */
export interface TelemetryView {
  readonly choice: Choice
  readonly period: Period
  readonly totals: Totals
  /** The period before this one; null when the page does not hold all of it. */
  readonly previous: Totals | null
  readonly grain: Grain
  readonly trend: readonly TrendPoint[]
  readonly cost: CostAnalysis
  readonly models: readonly Share[]
  /** All domains, whichever is chosen, so that another can be. */
  readonly domains: readonly Share[]
}

/**
 * The view of a choice.
 *
 * **Cost** Linear in models × domains and in the hours of the range; rows, and groups of the rollup, do not matter.
 */
export function viewOf(levels: Levels, choice: Choice): TelemetryView {
  const { range, domain } = choice
  const days = daysOf(range)
  const period = periodBefore(levels.end, days)
  const rollup = levels.period(days)
  const totals = totalsOf(rollup, domain)
  const grain = choice.grain ?? usualGrain(days)
  const trend = trendOf(levels, period, domain, grain)
  const telling = grain === grainOf(days) ? trend : trendOf(levels, period, domain, grainOf(days))
  return {
    choice,
    period,
    totals,
    previous: days * 2 <= PAGE_DAYS ? totalsOf(levels.period(days, days), domain) : null,
    grain,
    trend,
    cost: costOf(totals, days, telling),
    models: sharesOf(rollup, 'model', domain),
    domains: sharesOf(rollup, 'domain', null),
  }
}

/**
 * Looks at every range once, over all and in one domain: what their views are read from is made then, and WebAssembly
 * compiled that answers, so that a reader's first look at a range is as quick as the next. The page may do something
 * else between two ranges.
 *
 * **Cost** Linear in days × domains × models.
 */
export async function prepare(levels: Levels): Promise<void> {
  for (const { key } of RANGES) {
    const { domains } = viewOf(levels, { range: key, domain: null, grain: null })
    viewOf(levels, { range: key, domain: domains[0]?.name ?? null, grain: null })
    await new Promise((rested) => setTimeout(rested))
  }
}

/** Keeps the views of one version of the levels, so that going back to a range costs nothing. */
export class Views {
  readonly #views = new Map<string, TelemetryView>()
  #levels: Levels | undefined
  #version = -1

  /** The view of a choice, the same object until the levels change. */
  of(levels: Levels, choice: Choice): TelemetryView {
    if (this.#levels !== levels || this.#version !== levels.version) {
      this.#views.clear()
      this.#levels = levels
      this.#version = levels.version
    }
    const key = JSON.stringify([choice.range, choice.domain, choice.grain])
    const view = this.#views.get(key) ?? viewOf(levels, choice)
    this.#views.set(key, view)
    return view
  }
}
