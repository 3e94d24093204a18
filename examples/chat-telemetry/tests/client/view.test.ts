/** Everything that the page says is what a naive computation over the same rows says. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Levels } from '@/lib/client/levels'
import { daysOf, periodBefore, RANGES, rangeNamed } from '@/lib/client/range'
import { Views, viewOf } from '@/lib/client/view'
import { windowOf } from '@/lib/window'
import { nameOf, type Request, requestsBefore, rollupOf } from './requests'

const NOW = new Date('2026-11-20T14:25:00Z')
const END = windowOf(1, NOW).end
const REQUESTS = requestsBefore(NOW, 6000)
const levels = new Levels(rollupOf(REQUESTS), END)
const HOUR = 3_600_000
const DAY = 24 * HOUR

const within = (requests: readonly Request[], start: Date, end: Date): Request[] =>
  requests.filter(({ created_at }) => created_at >= start && created_at < end)
const of = (domain: string | null): Request[] => REQUESTS.filter((each) => domain === null || nameOf(each.domain) === domain)
const sum = (values: readonly (number | null)[]): number => values.reduce<number>((all, value) => all + (value ?? 0), 0)
const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null)
const mean = (values: readonly (number | null)[]): number => sum(values) / known(values).length

function percentile(share: number, values: readonly (number | null)[]): number {
  const sorted = known(values).sort((one, other) => one - other)
  const at = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0]
  return low + (high - low) * (at - Math.floor(at))
}

function near(found: number | null, wanted: number, tolerance = 1e-12): void {
  assert.ok(found !== null && Math.abs(found - wanted) <= Math.abs(wanted) * tolerance, `${found} is not near ${wanted}`)
}

for (const { key, days } of RANGES) {
  for (const domain of [null, 'shop.example', "o'brien.example", 'unknown']) {
    describe(`the view of ${key} of ${domain ?? 'all domains'}`, () => {
      const view = viewOf(levels, { range: key, domain, grain: null })
      const requests = within(of(domain), new Date(END.getTime() - days * DAY), END)

      it('has the totals of its rows', () => {
        const { totals } = view
        assert.equal(totals.requests, requests.length)
        assert.equal(totals.successes, requests.filter(({ success }) => success === true).length)
        assert.equal(totals.failures, requests.length - totals.successes)
        assert.equal(totals.costUsd, sum(requests.map(({ cost_usd }) => cost_usd)))
        assert.equal(totals.maxCostUsd, Math.max(...known(requests.map(({ cost_usd }) => cost_usd))))
        assert.equal(totals.inputTokens, sum(requests.map(({ input_tokens }) => input_tokens)))
        assert.equal(totals.totalTokens, totals.inputTokens + totals.outputTokens)
        assert.equal(totals.searches, sum(requests.map(({ search_count }) => search_count)))
        near(totals.avgCostUsd, mean(requests.map(({ cost_usd }) => cost_usd)))
        near(totals.avgDurationMs, mean(requests.map(({ duration_ms }) => duration_ms)))
        near(totals.avgSearches, mean(requests.map(({ search_count }) => search_count)))
        near(totals.avgIterations, mean(requests.map(({ iterations }) => iterations)))
      })

      it('has percentiles within their bound', () => {
        const durations = requests.map(({ duration_ms }) => duration_ms)
        near(view.totals.p50DurationMs, percentile(0.5, durations), 0.0055)
        near(view.totals.p95DurationMs, percentile(0.95, durations), 0.0055)
      })

      it('compares with the period before, when it is held', () => {
        const before = within(of(domain), new Date(END.getTime() - 2 * days * DAY), new Date(END.getTime() - days * DAY))
        assert.equal(view.previous?.requests, key === '90d' ? undefined : before.length)
      })

      it('has a bar for every hour or day, and all requests in them', () => {
        const width = days <= 7 ? HOUR : DAY
        assert.equal(view.trend.length, days <= 7 ? days * 24 : days + 1)
        for (const { start, end, requests: count, costUsd } of view.trend) {
          const rows = within(requests, start, end)
          assert.equal(count, rows.length)
          assert.equal(costUsd, sum(rows.map(({ cost_usd }) => cost_usd)))
          assert.ok(end.getTime() - start.getTime() <= width)
        }
        assert.equal(sum(view.trend.map((point) => point.requests)), requests.length)
        assert.equal(view.trend.at(-1)?.partial, true)
      })

      it('shares requests between models', () => {
        const names = new Set(requests.map(({ model }) => nameOf(model)))
        assert.deepEqual(new Set(view.models.map(({ name }) => name)), names)
        for (const { name, requests: count, costUsd, share, tokens } of view.models) {
          const rows = requests.filter(({ model }) => nameOf(model) === name)
          assert.equal(count, rows.length)
          assert.equal(costUsd, sum(rows.map(({ cost_usd }) => cost_usd)))
          assert.equal(tokens, sum(rows.map(({ total_tokens }) => total_tokens)))
          near(share, rows.length / requests.length)
        }
      })

      it('lists all domains, whichever is chosen', () => {
        const all = within(REQUESTS, new Date(END.getTime() - days * DAY), END)
        const counts = view.domains.map(({ name, requests: count }) => [name, count])
        const names = [...new Set(all.map((row) => nameOf(row.domain)))]
        const wanted = names.map((name) => [name, all.filter((row) => nameOf(row.domain) === name).length])
        assert.deepEqual(new Map(counts as [string, number][]), new Map(wanted as [string, number][]))
      })

      it('projects its cost over a day and a month', () => {
        near(view.cost.projectedDaily, view.totals.costUsd / days)
        near(view.cost.projectedMonthly, (view.totals.costUsd / days) * 30)
      })
    })
  }
}

it('an empty period has counts of 0 and no means', () => {
  const { totals, models, trend, cost } = viewOf(levels, { range: '7d', domain: "no' or true --", grain: null })
  assert.deepEqual([totals.requests, totals.costUsd, totals.successRate, totals.p95DurationMs], [0, 0, null, null])
  assert.deepEqual([models.length, trend.length, cost.direction], [0, 168, 'stable'])
})

it('a rollup without rows has a view', () => {
  const view = viewOf(new Levels(rollupOf([]), END), { range: '90d', domain: null, grain: null })
  assert.deepEqual([view.totals.requests, view.domains.length, view.trend.length], [0, 0, 91])
})

it('hours can be asked for in long ranges', () => {
  const { trend, totals } = viewOf(levels, { range: '30d', domain: null, grain: 'hour' })
  assert.equal(trend.length, 720)
  assert.equal(sum(trend.map(({ requests }) => requests)), totals.requests)
})

it('days cut by the range are marked', () => {
  const { trend } = viewOf(levels, { range: '30d', domain: null, grain: null })
  assert.deepEqual([trend[0]?.partial, trend[1]?.partial, trend.at(-1)?.partial], [true, false, true])
  assert.equal(trend[0]?.start.toISOString(), '2026-10-21T15:00:00.000Z')
})

it('a view is computed once for a version of the levels', () => {
  const views = new Views()
  const own = new Levels(rollupOf(REQUESTS), END)
  const choice = { range: '7d', domain: null, grain: null } as const
  const first = views.of(own, choice)
  assert.equal(views.of(own, { ...choice }), first)
  own.merge(rollupOf(requestsBefore(NOW, 10, 1, 7)))
  assert.equal(views.of(own, choice).totals.requests, first.totals.requests + 10)
})

it('ranges end with the running hour', () => {
  assert.equal(periodBefore(END, 1).start.toISOString(), '2026-11-19T15:00:00.000Z')
  assert.deepEqual([rangeNamed('30d'), rangeNamed('31d'), rangeNamed(null), daysOf('24h')], ['30d', undefined, undefined, 1])
})
