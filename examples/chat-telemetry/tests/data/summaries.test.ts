// Both summaries and all bucket views say what SQL says over the rows.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { DAY } from '@/lib/clock'
import type { OwnerDatabase } from '@/lib/database/database'
import { fetchDomainSummaries, fetchDomainSummary } from '@/lib/services/domain-summary'
import { fetchModelSummary } from '@/lib/services/model-summary'
import { type Reader, storeReader } from '@/lib/services/reader'
import { refreshRollups, refreshTelemetrySummaryViews } from '@/lib/services/refresh'
import { ownerStore } from '@/lib/store'
import { requests } from '@/scripts/seed/requests'
import { insertRows } from '@/scripts/seed/rows'
import { aiderRows, llmperfRows, sharedData } from '@/scripts/seed/traces'
import { onEachDatabase } from './databases'
import { assertNear, DOMAIN_SUMMARY_SQL, MODEL_SUMMARY_SQL } from './summary-sql'

const NOW = new Date('2026-11-19T10:40:00Z')

onEachDatabase('summaries', (open) => {
  let database: OwnerDatabase
  let reader: Reader

  before(async () => {
    database = await open()
    await insertRows(database, requests(6000, 60, NOW))
    const traces = sharedData()
    if (traces !== undefined) {
      await insertRows(database, aiderRows(traces, NOW))
      await insertRows(database, llmperfRows(traces, NOW))
    }
    // a request of the future is none yet
    await insertRows(database, requests(3, 1, new Date(NOW.getTime() + 3 * DAY), 3))
    await refreshRollups(database, NOW)
    await database.query(`DELETE FROM chat_telemetry WHERE id IN (SELECT id FROM chat_telemetry WHERE created_at < '2026-11-10' ORDER BY id LIMIT 40)`)
    await refreshRollups(database, NOW)
    reader = storeReader(ownerStore(database))
  })

  /** Reads a view as of NOW. */
  const viewed = (sql: string): Promise<Record<string, unknown>[]> =>
    database.transaction(async (queries) => {
      await queries.query(`SELECT set_config('app.now', $1, true)`, [NOW.toISOString()])
      return await queries.query<Record<string, unknown>>(sql)
    })

  test('the summaries of domains are those of SQL, percentiles within their bound', async () => {
    const expected = await database.query<Record<string, unknown>>(DOMAIN_SUMMARY_SQL, [NOW.toISOString()])
    const summaries = await fetchDomainSummaries(reader, NOW)
    assert.ok(expected.length >= 6)
    assertNear(summaries, expected)
    assertNear([await fetchDomainSummary(reader, "fan's.northwind.example", NOW)], expected.filter(({ domain }) => domain === "fan's.northwind.example"))
    assert.equal(await fetchDomainSummary(reader, 'nobody.example', NOW), null)
  })

  test('the summaries of models are those of SQL', async () => {
    const expected = await database.query<Record<string, unknown>>(MODEL_SUMMARY_SQL, [NOW.toISOString()])
    assert.ok(expected.length >= 5)
    assertNear(await fetchModelSummary(reader, NOW), expected)
  })

  test('a refresh of the summaries tells view, time and status, and the views have the same numbers', async () => {
    const results = await refreshTelemetrySummaryViews(database, NOW)
    assert.deepEqual(results.map(({ view_name, status }) => [view_name, status]), [
      ['chat_telemetry_domain_summary', 'SUCCESS'],
      ['chat_telemetry_model_summary', 'SUCCESS'],
    ])
    assert.ok(results.every(({ refresh_time_ms }) => Number.isInteger(refresh_time_ms) && refresh_time_ms >= 0))
    const sources = [['domain', DOMAIN_SUMMARY_SQL], ['model', MODEL_SUMMARY_SQL]] as const
    for (const [key, sql] of sources) {
      const expected = await database.query<Record<string, unknown>>(sql, [NOW.toISOString()])
      assertNear(await viewed(`SELECT * FROM chat_telemetry_${key}_summary ORDER BY ${key} COLLATE "C"`), expected)
    }
  })

  test('a summary that fails is told, and the other is refreshed', async () => {
    await database.query('ALTER TABLE telemetry_domain_all_time RENAME TO hidden')
    const results = await refreshTelemetrySummaryViews(database, NOW)
    await database.query('ALTER TABLE hidden RENAME TO telemetry_domain_all_time')
    assert.equal(results[0]?.refresh_time_ms, -1)
    assert.match(results[0]?.status ?? '', /telemetry_domain_all_time/)
    assert.equal(results[1]?.status, 'SUCCESS')
  })

  for (const [view, keys] of [['chat_telemetry_rollups', []], ['chat_telemetry_domain_rollups', ['domain']], ['chat_telemetry_model_rollups', ['domain', 'model']]] as const) {
    test(`${view} has every bucket of the rows, those of today among them`, async () => {
      for (const granularity of ['hour', 'day']) {
        const names = keys.map((key) => `telemetry_name(${key}) AS ${key}, `).join('')
        const order = ['bucket_start', ...keys.map((key) => `${key} COLLATE "C"`)].join(', ')
        const expected = await database.query(
          `SELECT * FROM (SELECT telemetry_${granularity}(created_at) AS bucket_start, ${names} count(*) AS total_requests,
             count(*) FILTER (WHERE success) AS success_count, count(*) FILTER (WHERE success IS NOT TRUE) AS failure_count,
             coalesce(sum(input_tokens), 0) AS total_input_tokens, coalesce(sum(output_tokens), 0) AS total_output_tokens,
             coalesce(sum(cost_usd), 0)::numeric(16, 6) AS total_cost_usd, round(avg(duration_ms))::integer AS avg_duration_ms,
             avg(search_count)::numeric(8, 3) AS avg_searches, avg(iterations)::numeric(8, 3) AS avg_iterations
           FROM chat_telemetry GROUP BY 1 ${keys.map((key) => `, telemetry_name(${key})`).join('')}) AS b ORDER BY ${order}`,
        )
        const found = await database.query(
          `SELECT bucket_start, ${keys.map((key) => `${key}, `).join('')} total_requests, success_count, failure_count, total_input_tokens,
             total_output_tokens, total_cost_usd, avg_duration_ms, avg_searches, avg_iterations
           FROM ${view} WHERE granularity = $1 ORDER BY ${order}`,
          [granularity],
        )
        assert.ok(expected.length > 50)
        assertNear(found as Record<string, unknown>[], expected as Record<string, unknown>[])
        const [width] = await database.query<{ ok: boolean }>(
          `SELECT bool_and(bucket_end - bucket_start = $2::interval AND created_at <= updated_at) AS ok FROM ${view} WHERE granularity = $1`,
          [granularity, granularity === 'hour' ? '1 hour' : '24 hours'],
        )
        assert.equal(width?.ok, true)
      }
    })
  }

  test('the plain views can be read, and their months reach back as far as days are kept', async () => {
    for (const view of ['chat_telemetry_metrics', 'chat_telemetry_cost_analytics', 'chat_telemetry_hourly_costs']) {
      assert.ok((await viewed(`SELECT * FROM ${view}`)).length > 0, view)
    }
    const [costs] = await viewed(`SELECT sum(total_requests) AS requests FROM chat_telemetry_domain_costs WHERE domain = 'help.northwind.example'`)
    const [rows] = await database.query<{ requests: number }>(`SELECT count(*) AS requests FROM chat_telemetry WHERE telemetry_name(domain) = 'help.northwind.example'`)
    assert.deepEqual(costs, rows)
  })
})
