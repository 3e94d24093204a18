import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Rollup } from 'isofold'
import { GET as dashboard } from '@/app/api/dashboard/telemetry/route'
import { GET as rollupRoute } from '@/app/api/dashboard/telemetry/rollup/route'
import { GET as summariesRoute } from '@/app/api/dashboard/telemetry/summaries/route'
import { DAY } from '@/lib/clock'
import { type DashboardTelemetry, HEADERS, PACKED, ROUTES } from '@/lib/contract'
import type { OwnerDatabase } from '@/lib/database/database'
import { dashboardTelemetry } from '@/lib/services/dashboard'
import { fetchDomainSummaries } from '@/lib/services/domain-summary'
import { fetchModelSummary } from '@/lib/services/model-summary'
import { storeReader } from '@/lib/services/reader'
import { refreshRollups } from '@/lib/services/refresh'
import { tenantStore } from '@/lib/store'
import { windowOf } from '@/lib/window'
import { errorOf, NOW, request, served } from './server'

let database: OwnerDatabase
before(async () => {
  database = await served(5000, 60)
})

const asked = async (query: string, as = 'northwind'): Promise<DashboardTelemetry> => {
  const response = await dashboard(request(`${ROUTES.dashboard}${query}`, { as }))
  assert.equal(response.status, 200)
  return (await response.json()) as DashboardTelemetry
}

test('before the first refresh the rows answer, and health says so', async () => {
  const { health, overview } = await asked('?days=30')
  assert.deepEqual(health, { rollupFreshnessMinutes: null, rollupSource: 'raw', stale: true })
  assert.ok(overview.totalRequests > 500)
})

test('the numbers are those of SQL, before and after a refresh, for every range', async () => {
  const before = await asked('?days=30')
  await refreshRollups(database, NOW)
  const after = await asked('?days=30')
  assert.deepEqual({ ...after, health: null }, { ...before, health: null })
  assert.deepEqual(after.health, { rollupFreshnessMinutes: 0, rollupSource: 'rollup', stale: false })
  for (const days of [1, 2, 7, 30, 90, 365]) {
    const { start, end } = windowOf(days, NOW)
    const [row] = await database.as('northwind').query<Record<string, number>>(
      `SELECT count(*) AS requests, count(*) FILTER (WHERE success) AS successes, sum(cost_usd) AS cost, sum(input_tokens) AS input,
         sum(output_tokens) AS output, sum(total_tokens) AS tokens, round(avg(duration_ms)) AS duration, sum(search_count) AS searches,
         round(avg(search_count), 1) AS avg_searches, round(avg(iterations), 1) AS iterations
       FROM chat_telemetry WHERE created_at >= $1 AND created_at < $2`,
      [start.toISOString(), end.toISOString()],
    )
    assert.ok(row !== undefined)
    const { overview, cost, tokens, performance, modelUsage, domainBreakdown, hourlyTrend } = await asked(`?days=${days}`)
    const { requests, successes, cost: usd } = row as { requests: number; successes: number; cost: number }
    assert.deepEqual([overview.totalRequests, overview.successfulRequests, overview.failedRequests], [requests, successes, requests - successes])
    assert.deepEqual([overview.successRate, overview.errorRate], [Math.round((100 * successes) / requests), Math.round((100 * (requests - successes)) / requests)])
    assert.equal(cost.total, usd.toFixed(4))
    assert.equal(cost.average, (usd / requests).toFixed(6))
    assert.equal(cost.perHour, (usd / (24 * days)).toFixed(4))
    assert.equal(cost.projectedDaily, (usd / days).toFixed(2))
    assert.equal(cost.projectedMonthly, ((30 * usd) / days).toFixed(2))
    assert.deepEqual(tokens, { totalInput: row.input, totalOutput: row.output, total: row.tokens, avgPerRequest: Math.round((row.tokens as number) / requests) })
    assert.deepEqual(performance, { avgResponseTime: row.duration, totalSearches: row.searches, avgSearchesPerRequest: row.avg_searches?.toFixed(1), avgIterations: row.iterations?.toFixed(1) })
    for (const list of [modelUsage.map(({ count }) => count), domainBreakdown.map((each) => each.requests), hourlyTrend.map((each) => each.requests)]) {
      assert.equal(list.reduce((sum, count) => sum + count, 0), requests)
    }
    assert.ok(Math.abs(modelUsage.reduce((sum, { percentage }) => sum + percentage, 0) - 100) <= 3)
    const width = days <= 2 ? 3_600_000 : DAY
    assert.ok(hourlyTrend.every(({ hour, cost: text }) => Date.parse(hour) % width === 0 && /^\d+\.\d{6}$/.test(text)))
  }
})

test('what is in memory and what is stored answer the same', async () => {
  const { freshness, live } = { freshness: { watermark: NOW, refreshedAt: NOW }, live: { activeSessions: 0, currentCost: '0.000000', sessionsData: [] } }
  const reader = storeReader(tenantStore(database.as('contoso')))
  for (const days of [1, 7, 90]) {
    const stored = await dashboardTelemetry({ days, now: NOW, reader, digest: null, freshness, live })
    const held = await asked(`?days=${days}`, 'contoso')
    assert.deepEqual({ ...stored, health: held.health }, { ...held, digest: null })
  }
})

test('a domain is filtered exactly, quotes and all', async () => {
  const all = await asked('?days=30')
  for (const { domain, requests } of all.domainBreakdown) {
    const one = await asked(`?days=30&domain=${encodeURIComponent(domain)}`)
    assert.equal(one.overview.totalRequests, requests)
    assert.deepEqual(one.domainBreakdown.map((each) => each.domain), [domain])
  }
  assert.ok(all.domainBreakdown.some(({ domain }) => domain.includes("'")))
})

test('an empty range has no requests, all of which succeeded', async () => {
  process.env.TELEMETRY_NOW = new Date(NOW.getTime() + 20 * DAY).toISOString()
  const { overview, cost, tokens, hourlyTrend } = await asked('?days=2')
  process.env.TELEMETRY_NOW = NOW.toISOString()
  assert.deepEqual([overview.totalRequests, overview.successRate, overview.errorRate, tokens.avgPerRequest], [0, 100, 0, 0])
  assert.deepEqual([cost.total, cost.average, cost.trend, hourlyTrend], ['0.0000', '0.000000', 'stable', []])
})

test('invalid parameters are 400 with the one that is wrong, where the original answered 200 with zeros', async () => {
  for (const days of ['0', '366', '-1', '7.5', 'seven', '1e1', '', '9'.repeat(40)]) {
    assert.deepEqual(await errorOf(await dashboard(request(`${ROUTES.dashboard}?days=${days}`, { as: 'northwind' }))), [400, 'parameter.invalid', 'days'], days)
  }
  assert.deepEqual(await errorOf(await dashboard(request(`${ROUTES.dashboard}?domain=${'a'.repeat(300)}`, { as: 'northwind' }))), [400, 'parameter.invalid', 'domain'])
})

test('nobody reads without a token, and no domain of others, known or not', async () => {
  assert.deepEqual(await errorOf(await dashboard(request(ROUTES.dashboard))), [401, 'session.missing', ''])
  assert.deepEqual(await errorOf(await rollupRoute(request(ROUTES.rollup))), [401, 'session.missing', ''])
  for (const domain of ['shoes.contoso.example', 'nobody.example', "' OR true --", 'unknown']) {
    const response = await dashboard(request(`${ROUTES.dashboard}?domain=${encodeURIComponent(domain)}`, { as: 'northwind' }))
    assert.deepEqual(await errorOf(response), [403, 'domain.forbidden', 'domain'], domain)
  }
  assert.deepEqual(await errorOf(await dashboard(request(ROUTES.dashboard, { as: 'nobody' }))), [401, 'session.missing', ''])
})

test('the summaries of an organisation are those of its stored rollups, and of its own domains alone', async () => {
  const summaries = async (query: string): Promise<Record<string, unknown>> => {
    const response = await summariesRoute(request(`${ROUTES.summaries}${query}`, { as: 'northwind' }))
    assert.equal(response.status, 200)
    return (await response.json()) as Record<string, unknown>
  }
  const { end } = windowOf(1, NOW)
  const reader = storeReader(tenantStore(database.as('northwind')))
  const plain = (stored: unknown): unknown => JSON.parse(JSON.stringify(stored), (name, value: unknown) => (name === 'materialized_at' ? NOW.toISOString() : value))
  const { domains, models, digest } = await summaries('')
  assert.deepEqual(domains, plain(await fetchDomainSummaries(reader, end)))
  assert.deepEqual(models, plain(await fetchModelSummary(reader, end)))
  assert.equal(digest, (await asked('?days=7')).digest)
  const domain = "fan's.northwind.example"
  const { summary } = await summaries(`?domain=${encodeURIComponent(domain)}`)
  assert.deepEqual(summary, (domains as { domain: string }[]).find((each) => each.domain === domain))
  assert.deepEqual(await errorOf(await summariesRoute(request(`${ROUTES.summaries}?domain=shoes.contoso.example`, { as: 'northwind' }))), [403, 'domain.forbidden', 'domain'])
  assert.deepEqual(await errorOf(await summariesRoute(request(ROUTES.summaries))), [401, 'session.missing', ''])
})

test('the rollup of the page has the digest of the JSON, and is not sent again to who has it', async () => {
  const response = await rollupRoute(request(ROUTES.rollup, { as: 'northwind' }))
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'application/octet-stream')
  const rollup = Rollup.decode(await response.arrayBuffer())
  const { digest } = await asked('?days=7')
  assert.equal(rollup.digest(), digest)
  assert.equal(response.headers.get(HEADERS.digest), digest)
  assert.equal(response.headers.get(HEADERS.now), NOW.toISOString())
  assert.equal(response.headers.get(HEADERS.watermark), '2026-11-19T10:00:00.000Z')
  const etag = response.headers.get('etag') as string
  const again = await rollupRoute(request(ROUTES.rollup, { as: 'northwind', headers: { 'if-none-match': `W/${etag}` } }))
  assert.deepEqual([again.status, (await again.arrayBuffer()).byteLength], [304, 0])
  const packed = await rollupRoute(request(ROUTES.rollup, { as: 'northwind', headers: { accept: PACKED, 'if-none-match': etag } }))
  assert.deepEqual([packed.status, packed.headers.get('content-type')], [200, PACKED])
  assert.equal(Rollup.decode(gunzipSync(Buffer.from(await packed.arrayBuffer()))).digest(), digest)
  const other = await rollupRoute(request(ROUTES.rollup, { as: 'contoso', headers: { 'if-none-match': etag } }))
  assert.equal(other.status, 200)
  assert.ok(Rollup.decode(await other.arrayBuffer()).query({ bucket: null }).rows().every(({ domain }) => String(domain).endsWith('contoso.example')))
})
