import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { GET, POST } from '@/app/api/monitoring/chat/route'
import { POST as record } from '@/app/api/telemetry/chat/route'
import { POST as progress } from '@/app/api/telemetry/sessions/route'
import { type LiveSessions, ROUTES } from '@/lib/contract'
import type { OwnerDatabase } from '@/lib/database/database'
import { useDatabase } from '@/lib/database/open'
import { openPostgres } from '@/lib/database/postgres'
import type { CostAlert } from '@/lib/services/alerts'
import { type MonitoringDetails, type MonitoringMetrics, type MonitoringPoint, PERIODS } from '@/lib/services/monitoring'
import { refreshRollups } from '@/lib/services/refresh'
import { errorOf, NOW, request, served } from './server'

let database: OwnerDatabase
before(async () => {
  database = await served(3000, 40)
  await refreshRollups(database, NOW)
})

const act = (body: unknown, as = 'northwind'): Promise<Response> => POST(request(ROUTES.monitoring, { as, method: 'POST', body }))
interface Report {
  readonly success: boolean
  readonly metrics: MonitoringMetrics
  readonly hourlyTrend: readonly MonitoringPoint[]
  readonly costAlerts: readonly CostAlert[]
  readonly liveMetrics?: LiveSessions
  readonly details?: MonitoringDetails
  readonly timestamp: string
}
const report = async (query: string, as = 'northwind'): Promise<Report> => {
  const response = await GET(request(`${ROUTES.monitoring}${query}`, { as }))
  assert.equal(response.status, 200)
  return (await response.json()) as Report
}

test('every period is exact to its edges', async () => {
  for (const [period, length] of Object.entries(PERIODS)) {
    const [row] = await database.as('northwind').query(
      `SELECT count(*) AS "totalRequests", count(*) FILTER (WHERE success) AS "successfulRequests", coalesce(sum(total_tokens), 0) AS "totalTokens",
         coalesce(sum(cost_usd), 0) AS "totalCost", avg(duration_ms)::float8 AS "avgDurationMs"
       FROM chat_telemetry WHERE created_at >= $1 AND created_at < $2`,
      [new Date(NOW.getTime() - length).toISOString(), NOW.toISOString()],
    )
    const { metrics, hourlyTrend, liveMetrics, timestamp, success } = await report(`?period=${period}`)
    const { totalRequests, successfulRequests, totalTokens, totalCost, avgDurationMs, modelBreakdown } = metrics
    assert.deepEqual({ totalRequests, successfulRequests, totalTokens, totalCost: Number(totalCost.toFixed(6)), avgDurationMs }, row)
    const sum = (rows: readonly { requests: number }[]): number => rows.reduce((total, { requests }) => total + requests, 0)
    assert.deepEqual([sum(modelBreakdown), sum(hourlyTrend)], [totalRequests, totalRequests])
    assert.deepEqual([success, timestamp, liveMetrics?.activeSessions], [true, NOW.toISOString(), 0])
  }
})

test('domain, model, details and live are options', async () => {
  const { metrics } = await report('?period=month&domain=help.northwind.example&model=gpt-4.1&live=false')
  const [row] = await database.query<{ requests: number }>(
    `SELECT count(*) AS requests FROM chat_telemetry WHERE telemetry_name(domain) = 'help.northwind.example' AND telemetry_name(model) = 'gpt-4.1'
       AND created_at >= $1 AND created_at < $2`,
    [new Date(NOW.getTime() - PERIODS.month).toISOString(), NOW.toISOString()],
  )
  assert.equal(metrics.totalRequests, row?.requests)
  const { details } = await report('?period=month&details=true')
  assert.deepEqual([details?.rows.length, details?.isTruncated], [100, true])
  assert.ok(details?.rows.every((row) => (row as { domain: string }).domain.trim().endsWith('northwind.example')))
  assert.ok(!('liveMetrics' in (await report('?live=false'))))
})

test('a limit is set once for each domain and type, compared, and told when it is exceeded', async () => {
  const domain = 'help.northwind.example'
  for (const [alertType, thresholdUsd] of [['monthly', 5000], ['monthly', 0.01], ['per_request', 9000]] as const) {
    assert.equal((await act({ action: 'set-alert', domain, alertType, thresholdUsd })).status, 200)
  }
  const { alerts } = (await (await act({ action: 'check-alerts' })).json()) as { alerts: { currentValue: number }[] }
  assert.equal(alerts.length, 1)
  const { costAlerts } = await report('')
  assert.deepEqual(costAlerts, alerts)
  const stored = await database.query<{ alert_type: string; triggered: boolean }>('SELECT alert_type, last_triggered IS NOT NULL AS triggered FROM chat_cost_alerts ORDER BY 1')
  assert.deepEqual(stored, [{ alert_type: 'monthly', triggered: true }, { alert_type: 'per_request', triggered: false }])
  assert.deepEqual((await report('', 'contoso')).costAlerts, [])
  assert.deepEqual(await errorOf(await act({ action: 'set-alert', domain, alertType: 'daily', thresholdUsd: 1 }, 'contoso')), [403, 'domain.forbidden', 'domain'])
})

test('a summary and the cleaning of old rows are actions; what is not built is not cleaned', async () => {
  const summary = (await (await act({ action: 'get-summary', domain: 'shop.northwind.example', days: 30 })).json()) as { summary: { requests: number } }
  assert.ok(summary.summary.requests > 100)
  const { pruned } = (await (await act({ action: 'cleanup-old-data' })).json()) as { pruned: { name: string; status: string }[] }
  assert.deepEqual(pruned.filter(({ name }) => name === 'chat_telemetry').map(({ status }) => status), ['ok'])
  const [left] = await database.query<{ old: number }>(`SELECT count(*) AS old FROM chat_telemetry WHERE created_at < '2026-10-20'`)
  assert.equal(left?.old, 0)
})

test('what does not fit is 400 and says where', async () => {
  const get = (query: string): Promise<Response> => GET(request(`${ROUTES.monitoring}?${query}`, { as: 'northwind' }))
  for (const [query, path] of [['period=year', 'period'], ['details=yes', 'details'], ['live=1', 'live'], [`model=${'m'.repeat(201)}`, 'model']] as const) {
    assert.deepEqual(await errorOf(await get(query)), [400, 'parameter.invalid', path])
  }
  for (const [body, path] of [[{ action: 'drop' }, 'action'], [{ action: 'set-alert', domain: 'x', alertType: 'yearly', thresholdUsd: 1 }, 'alertType'],
    [{ action: 'set-alert', domain: 'x', alertType: 'daily', thresholdUsd: -1 }, 'thresholdUsd'], [{ action: 'get-summary', domain: 'x', days: 366 }, 'days']] as const) {
    assert.deepEqual(await errorOf(await act(body)), [400, 'body.invalid', path])
  }
  assert.deepEqual(await errorOf(await POST(request(ROUTES.monitoring, { method: 'POST', body: { action: 'check-alerts' } }))), [401, 'session.missing', ''])
})

test('a request that is recorded must be whole and of a domain of its own', async () => {
  const chat = { sessionId: 's', domain: 'help.northwind.example', model: 'gpt-4.1' }
  const post = (body: unknown): Promise<Response> => record(request(ROUTES.record, { as: 'northwind', method: 'POST', body }))
  for (const [change, path] of [[{ sessionId: ' ' }, 'sessionId'], [{ model: '' }, 'model'], [{ model: 'a\0b' }, 'model'], [{ inputTokens: -1 }, 'inputTokens'], [{ inputTokens: 1.5 }, 'inputTokens'],
    [{ outputTokens: 1e12 }, 'outputTokens'], [{ durationMs: 2 ** 31 }, 'durationMs'], [{ startTime: 'yesterday' }, 'startTime'], [{ searches: [{ tool: 1 }] }, 'searches.0.tool']] as const) {
    assert.deepEqual(await errorOf(await post({ ...chat, ...change })), [400, 'body.invalid', path])
  }
  for (const domain of ['shoes.contoso.example', 'unknown']) {
    assert.deepEqual(await errorOf(await post({ ...chat, domain })), [403, 'domain.forbidden', 'domain'])
    const running = progress(request(ROUTES.sessions, { as: 'northwind', method: 'POST', body: { ...chat, domain } }))
    assert.deepEqual(await errorOf(await running), [403, 'domain.forbidden', 'domain'])
  }
  const worst = { ...chat, model: 'gpt-4', inputTokens: 50_000_000, outputTokens: 50_000_000, error: "it's “broken”\n", durationMs: 0 }
  const response = await post(worst)
  assert.deepEqual([response.status, ((await response.json()) as { costUsd: string }).costUsd], [201, '4500.000000'])
  const [row] = await database.query(`SELECT success, error, search_count, cost_usd FROM chat_telemetry WHERE session_id = 's'`)
  assert.deepEqual(row, { success: false, error: worst.error, search_count: 0, cost_usd: 4500 })
})

test('without a database the answer is 503', async () => {
  const nowhere = openPostgres('postgresql://nobody@127.0.0.1:9/none')
  useDatabase(nowhere)
  assert.deepEqual(await errorOf(await GET(request(ROUTES.monitoring, { as: 'northwind' }))), [503, 'database.unavailable', ''])
  useDatabase(database)
  await nowhere.close()
})
