// What went wrong in the original, run beside what is done here: each test first shows the mistake.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { DAY, HOUR } from '@/lib/clock'
import type { OwnerDatabase } from '@/lib/database/database'
import { Sessions } from '@/lib/live/sessions'
import { costOf } from '@/lib/prices'
import { fetchDomainSummaries, fetchDomainSummary } from '@/lib/services/domain-summary'
import { fetchModelSummary } from '@/lib/services/model-summary'
import { healthOf } from '@/lib/services/freshness'
import { numberIn, storeReader } from '@/lib/services/reader'
import { refreshRollups, refreshTelemetrySummaryViews } from '@/lib/services/refresh'
import { getTrendFromRaw, getTrendFromRollups } from '@/lib/services/trend'
import { ownerStore } from '@/lib/store'
import { onEachDatabase } from './databases'
import * as original from './original'

const HOUR_START = new Date('2026-11-18T09:00:00Z')
const HELP = 'help.northwind.example'
const at = (start: Date, ms: number): Date => new Date(start.getTime() + ms)

interface Given {
  readonly at: Date
  readonly domain?: string | null
  readonly model?: string
  readonly duration?: number | null
  readonly tokens?: number
}

onEachDatabase('pitfalls', (open) => {
  let database: OwnerDatabase

  const insert = async (rows: readonly Given[]): Promise<void> => {
    const texts = rows.map(({ at: created, domain = HELP, model = 'gpt-4.1', duration = 100, tokens = 500 }) =>
      ({ session_id: 's', start_time: created, created_at: created, domain, model, duration_ms: duration, input_tokens: tokens, output_tokens: tokens, success: true }))
    await database.query(
      `INSERT INTO chat_telemetry (session_id, start_time, created_at, domain, model, duration_ms, input_tokens, output_tokens, success)
       SELECT session_id, start_time, created_at, domain, model, duration_ms, input_tokens, output_tokens, success
       FROM jsonb_populate_recordset(NULL::chat_telemetry, $1::jsonb)`,
      [JSON.stringify(texts)],
    )
  }
  const everyMinute = (start: Date, count: number): Given[] => Array.from({ length: count }, (_, minute) => ({ at: at(start, minute * 60_000) }))
  const refresh = async (now: Date): Promise<void> => {
    for (const { status } of await refreshRollups(database, now)) assert.equal(status, 'SUCCESS')
  }
  const requestsOf = async (table: string, grain: string, start: Date): Promise<number | undefined> => {
    const [row] = await database.query<{ total_requests: number }>(
      `SELECT total_requests FROM ${table} WHERE granularity = $1 AND bucket_start = $2`, [grain, start.toISOString()])
    return row?.total_requests
  }
  const both = async (grain: string, start: Date): Promise<readonly (number | undefined)[]> =>
    [await requestsOf('original_rollups', grain, start), await requestsOf('chat_telemetry_rollups', grain, start)]

  before(async () => {
    database = await open()
    await original.makeOriginal(database)
  })
  beforeEach(async () => {
    await database.script('TRUNCATE chat_telemetry; TRUNCATE original_rollups')
    for (const rollup of ownerStore(database).rollups) await database.query(`DELETE FROM ${rollup}`)
    await database.script('UPDATE isofold_rollups SET watermark = NULL, dropped_before = NULL, rows_dropped_before = NULL; DELETE FROM isofold_changes')
  })

  test('1: a bucket at the edge of the look-back is not overwritten with its last part', async () => {
    await insert(everyMinute(HOUR_START, 60))
    await original.originalRefresh(database, 'hour', HOUR_START)
    await refresh(at(HOUR_START, HOUR))
    assert.deepEqual(await both('hour', HOUR_START), [60, 60])
    await original.originalRefresh(database, 'hour', at(HOUR_START, 50 * 60_000))
    await refresh(at(HOUR_START, 7 * DAY + 50 * 60_000))
    assert.deepEqual(await both('hour', HOUR_START), [10, 60])
  })

  test('2: a day whose rows are dropped keeps what is stored of it, whole', async () => {
    const day = new Date('2026-10-10T00:00:00Z')
    await insert([...everyMinute(day, 90), ...everyMinute(at(day, 12 * HOUR), 90), { at: at(day, 20 * DAY) }])
    await original.originalRefresh(database, 'day', day)
    await refresh(at(day, 2 * DAY))
    // somebody purges rows older than 30 days, as the original's function did
    await database.query('DELETE FROM chat_telemetry WHERE created_at < $1', [at(day, 6 * HOUR).toISOString()])
    await original.originalRefresh(database, 'day', at(day, -60 * DAY))
    await refreshRollups(database, at(day, 30 * DAY))
    assert.deepEqual(await both('day', day), [90, 180])
  })

  test('2: retention drops rows that are built, and nothing that is not; days outlive hours, months outlive both', async () => {
    const day = new Date('2026-10-10T00:00:00Z')
    await insert([...everyMinute(day, 90), { at: at(day, 40 * DAY) }])
    const store = ownerStore(database)
    await store.prune(at(day, 40 * DAY))
    assert.equal((await database.query('SELECT 1 FROM chat_telemetry')).length, 91, 'what is not built is not dropped')
    await refresh(at(day, 41 * DAY))
    await store.prune(at(day, 41 * DAY))
    assert.equal((await database.query('SELECT 1 FROM chat_telemetry')).length, 1)
    await refresh(at(day, 41 * DAY + HOUR))
    assert.deepEqual([await requestsOf('chat_telemetry_rollups', 'hour', day), await requestsOf('chat_telemetry_rollups', 'day', day)], [60, 90])
    for (const [days, left] of [[92, [undefined, 90]], [402, [undefined, undefined]]] as const) {
      await refresh(at(day, days * DAY))
      await store.prune(at(day, days * DAY))
      assert.deepEqual([await requestsOf('chat_telemetry_rollups', 'hour', day), await requestsOf('chat_telemetry_rollups', 'day', day)], left)
    }
    const summary = await fetchDomainSummary(storeReader(store), HELP, at(day, 402 * DAY))
    assert.deepEqual([summary?.total_requests_all_time, summary?.median_duration_ms], [91, 100])
  })

  test('3: a deleted row leaves its bucket, and a bucket without rows is gone', async () => {
    await insert(everyMinute(HOUR_START, 60))
    await insert(everyMinute(at(HOUR_START, HOUR), 5))
    await original.originalRefresh(database, 'hour', at(HOUR_START, -DAY))
    await refresh(at(HOUR_START, 2 * HOUR))
    await database.query('DELETE FROM chat_telemetry WHERE created_at >= $1', [at(HOUR_START, 30 * 60_000).toISOString()])
    await original.originalRefresh(database, 'hour', at(HOUR_START, -DAY))
    await refresh(at(HOUR_START, 2 * HOUR + 60_000))
    assert.deepEqual(await both('hour', HOUR_START), [30, 30])
    assert.deepEqual(await both('hour', at(HOUR_START, HOUR)), [5, undefined])
  })

  test('4: buckets are of UTC, whatever the zone of a session is', async () => {
    await insert(everyMinute(HOUR_START, 60))
    await refresh(at(HOUR_START, HOUR))
    await insert(everyMinute(at(HOUR_START, HOUR), 5))
    const minutes = await database.transaction(async (queries) => {
      await queries.query(`SET LOCAL TIME ZONE 'Asia/Kolkata'`)
      await original.originalRefresh(queries, 'hour', at(HOUR_START, -DAY))
      const of = (table: string): Promise<{ minute: number }[]> =>
        queries.query(`SELECT DISTINCT (extract(epoch FROM bucket_start)::bigint % 3600) / 60 AS minute FROM ${table} WHERE granularity = 'hour'`)
      return [await of('original_rollups'), await of('chat_telemetry_rollups')]
    })
    assert.deepEqual(minutes, [[{ minute: 30 }], [{ minute: 0 }]])
  })

  test('5: a mean is over the values that there are, never over means', async () => {
    const durations = [[1000, null, null, null], [200, 200], [null, null]]
    for (const [hour, values] of durations.entries()) {
      await insert(values.map((duration, minute) => ({ at: at(HOUR_START, hour * HOUR + minute * 60_000), duration })))
    }
    await original.originalRefresh(database, 'hour', HOUR_START)
    await refresh(at(HOUR_START, 2 * HOUR))
    const [row] = await database.query<{ mean: number }>(original.ORIGINAL_MEAN)
    assert.equal(row?.mean, 550)
    const [answer] = await storeReader(ownerStore(database)).read({ start: HOUR_START, end: at(HOUR_START, 3 * HOUR), bucket: null, group_by: [], select: ['avg_duration_ms'] })
    assert.equal(numberIn(answer, 'avg_duration_ms', null), (1000 + 200 + 200) / 3)
  })

  test('6: the table of models can be made, and has one group for what has no name', async () => {
    await assert.rejects(database.script(original.ORIGINAL_MODEL_TABLE))
    await assert.rejects(database.script(original.ORIGINAL_RECENT_INDEX))
    await insert([null, '', '  '].map((domain) => ({ at: HOUR_START, domain, model: ' ' })))
    await refresh(at(HOUR_START, HOUR))
    const groups = await database.query(`SELECT domain, model, total_requests FROM chat_telemetry_model_rollups WHERE granularity = 'hour'`)
    assert.deepEqual(groups, [{ domain: 'unknown', model: 'unknown', total_requests: 3 }])
  })

  test('7 and 11 and 14: a cost per thousand tokens is one, a domain is one however it is written, the last 24 hours do not age', async () => {
    await insert([HELP, ` ${HELP}`, `${HELP}  `].map((domain) => ({ at: HOUR_START, domain, tokens: 1000 })))
    const now = at(HOUR_START, HOUR)
    await refresh(now)
    const [first] = await database.transaction(async (queries) => {
      await queries.query(`SELECT set_config('app.now', $1, true)`, [now.toISOString()])
      for (const statement of original.ORIGINAL_SUMMARIES.split(';').filter((text) => text.trim() !== '')) await queries.query(statement)
      return await queries.query<{ rows: number; cost: number }>(
        `SELECT (SELECT count(*) FROM original_domain_summary) AS rows, (SELECT cost_per_1k_tokens FROM original_model_summary) AS cost`)
    })
    const perThousand = (1000 * Number(costOf('gpt-4.1', 1000, 1000))) / 2000
    assert.deepEqual([first?.rows, Number(first?.cost.toFixed(9))], [3, perThousand / 1000])
    const reader = storeReader(ownerStore(database))
    const [model] = await fetchModelSummary(reader, now)
    assert.equal(model?.cost_per_1k_tokens, perThousand)
    assert.deepEqual((await fetchDomainSummaries(reader, now)).map(({ domain, requests_last_24h }) => [domain, requests_last_24h]), [[HELP, 3]])

    await refreshTelemetrySummaryViews(database, now)
    const later = at(now, 2 * DAY)
    const aged = await database.transaction(async (queries) => {
      await queries.query(`SELECT set_config('app.now', $1, true)`, [later.toISOString()])
      const of = (view: string): Promise<unknown[]> => queries.query(`SELECT sum(requests_last_24h) AS requests FROM ${view}`)
      return [await of('original_domain_summary'), await of('chat_telemetry_domain_summary')]
    })
    assert.deepEqual(aged, [[{ requests: 3 }], [{ requests: 0 }]])
    assert.equal((await fetchDomainSummary(reader, HELP, later))?.requests_last_24h, 0)

    // one materialized view for all: an organisation reads what is not its own
    const stranger = database.as('contoso')
    assert.equal((await stranger.query('SELECT * FROM original_domain_summary')).length, 3)
    assert.deepEqual(await stranger.query('SELECT * FROM chat_telemetry_domain_summary'), [])
    await assert.rejects(stranger.query('SELECT * FROM chat_telemetry_model_summary'), /permission denied/)
    await database.script('DROP MATERIALIZED VIEW original_domain_summary; DROP MATERIALIZED VIEW original_model_summary')
  })

  test('8: today is in the days', async () => {
    const today = new Date('2026-11-19T00:00:00Z')
    await insert([...everyMinute(at(today, -3 * HOUR), 60), ...everyMinute(at(today, HOUR), 4), ...everyMinute(at(today, 9 * HOUR), 60)])
    // the nightly run of 01:05, then nothing until 10:10
    await database.transaction(async (queries) => {
      await queries.query(`CREATE TEMPORARY TABLE later ON COMMIT DROP AS SELECT * FROM chat_telemetry WHERE created_at > '2026-11-19T01:05Z'`)
      await queries.query(`DELETE FROM chat_telemetry WHERE created_at > '2026-11-19T01:05Z'`)
      await original.originalRefresh(queries, 'day', at(today, -90 * DAY))
      await queries.query(`INSERT INTO chat_telemetry (id, session_id, start_time, created_at, domain, model)
        SELECT id, session_id, start_time, created_at, domain, model FROM later`)
    })
    const now = at(today, 10 * HOUR + 10 * 60_000)
    await refresh(at(today, HOUR + 5 * 60_000))
    assert.deepEqual(await both('day', today), [4, 64])
    const range = { start: at(today, -DAY), end: now, grain: 'day' } as const
    const trend = await getTrendFromRaw(database, storeReader(ownerStore(database)), range, now)
    assert.deepEqual(trend.map(({ hour, requests }) => [hour.toISOString(), requests]), [[at(today, -DAY).toISOString(), 60], [today.toISOString(), 64]])
  })

  test('10: a trend by hour has hours for any range, and the last minutes', async () => {
    const [start, now] = [at(HOUR_START, -3 * DAY), at(HOUR_START, 70 * 60_000)]
    await insert([{ at: at(start, 60_000) }, ...everyMinute(HOUR_START, 60), ...everyMinute(at(HOUR_START, HOUR), 10)])
    // both were refreshed at the last full hour, up to then
    await database.transaction(async (queries) => {
      await queries.query('CREATE TEMPORARY TABLE later ON COMMIT DROP AS SELECT * FROM chat_telemetry WHERE created_at >= $1', [at(HOUR_START, HOUR).toISOString()])
      await queries.query('DELETE FROM chat_telemetry WHERE id IN (SELECT id FROM later)')
      for (const grain of ['hour', 'day'] as const) await original.originalRefresh(queries, grain, at(start, -DAY))
      await queries.query(`INSERT INTO chat_telemetry (id, session_id, start_time, created_at, domain, model)
        SELECT id, session_id, start_time, created_at, domain, model FROM later`)
    })
    await refresh(at(HOUR_START, HOUR))
    const reader = storeReader(ownerStore(database))
    const points = (trend: readonly { hour: Date; requests: number }[]): unknown[] => trend.map(({ hour, requests }) => [hour.toISOString(), requests])
    const hours = [[HOUR_START.toISOString(), 60], [at(HOUR_START, HOUR).toISOString(), 10]]

    // three days: the original has days in its hourly trend
    const midnight = (time: Date): string => new Date(Math.floor(time.getTime() / DAY) * DAY).toISOString()
    assert.deepEqual(points(await original.originalTrend(database, at(start, -DAY), now)), [[midnight(start), 1], [midnight(HOUR_START), 60]])
    const range = { start, end: now, grain: 'hour' } as const
    assert.deepEqual(points(await getTrendFromRollups(reader, range)), [[start.toISOString(), 1], ...hours])

    // two hours: what came after the refresh is missing there, also in the trend of rows, which asks the same tables
    assert.deepEqual(points(await original.originalTrend(database, HOUR_START, now)), hours.slice(0, 1))
    for (const trend of [await getTrendFromRollups(reader, { ...range, start: HOUR_START }), await getTrendFromRaw(database, reader, { ...range, start: HOUR_START }, now)]) {
      assert.deepEqual(points(trend), hours)
    }
  })

  test('9: what is stored is not read from rows again', async () => {
    await insert(Array.from({ length: 2400 }, (_, minute) => ({ at: at(HOUR_START, -minute * 60_000) })))
    const now = at(HOUR_START, 10 * 60_000)
    await refresh(now)
    const { coverage, result } = await ownerStore(database).query('telemetry_model_hours', { start: at(now, -36 * HOUR), end: now, bucket: null, group_by: [], select: ['requests'] })
    const rows = coverage.segments.filter(({ from }) => from === 'rows')
    const span = rows.reduce((sum, { start, end }) => sum + Date.parse(end as string) - Date.parse(start as string), 0)
    assert.ok(span <= HOUR, `rows of ${span / 60_000} minutes`)
    // nor cut at a thousand rows, as the original's fallback was
    assert.deepEqual(result.rows(), [{ requests: 36 * 60 - 9 }])
  })

  test('13: a summary counts each request once, however many models a domain has', async () => {
    await insert(['gpt-4.1', 'o3', 'gpt-5-mini'].map((model) => ({ at: HOUR_START, model, tokens: 500 })))
    await refresh(at(HOUR_START, HOUR))
    await assert.rejects(database.query(original.ORIGINAL_SUMMARY_AMBIGUOUS, [HELP]), /ambiguous/)
    const [multiplied] = await database.query<{ total_requests: number }>(original.ORIGINAL_SUMMARY_MULTIPLIED, [HELP])
    assert.equal(Number(multiplied?.total_requests), 9)
    const summary = await fetchDomainSummary(storeReader(ownerStore(database)), HELP, at(HOUR_START, HOUR))
    assert.deepEqual([summary?.total_requests_all_time, summary?.total_tokens, summary?.unique_models_used], [3, 3000, 3])
  })

  test('13: cleaning needs no argument', async () => {
    await database.script(original.ORIGINAL_CLEANUPS)
    await assert.rejects(database.query('SELECT original_cleanup()'), /not unique/)
    await database.script('DROP FUNCTION original_cleanup(); DROP FUNCTION original_cleanup(integer)')
    const { pruned } = await ownerStore(database).prune(at(HOUR_START, HOUR))
    assert.ok(pruned.some(({ name }) => name === 'chat_telemetry'))
  })

  test('13: the costs of domains can be made', async () => {
    await assert.rejects(database.script(original.ORIGINAL_DOMAIN_COSTS))
    await insert([{ at: HOUR_START, model: 'gpt-4.1' }, { at: HOUR_START, model: 'o3' }])
    await refresh(at(HOUR_START, HOUR))
    const [row] = await database.transaction(async (queries) => {
      await queries.query(`SELECT set_config('app.now', $1, true)`, [at(HOUR_START, DAY).toISOString()])
      return await queries.query<{ cost_by_model: object; total_requests: number }>('SELECT * FROM chat_telemetry_domain_costs')
    })
    assert.equal(row?.total_requests, 2)
    assert.deepEqual(Object.keys(row?.cost_by_model ?? {}).sort(), ['gpt-4.1', 'o3'])
  })
})

test('12: a session that is alive stays when another begins, and one that fell silent goes', () => {
  const progress = { domain: HELP, model: 'gpt-4.1', iterations: 0, searches: 0, inputTokens: 0, outputTokens: 0 }
  const sessions = new Sessions()
  const time = new Date('2026-11-19T10:00:00Z')
  after(() => delete process.env.TELEMETRY_NOW)
  const clock = (ms: number): void => void (process.env.TELEMETRY_NOW = at(time, ms).toISOString())
  for (const [id, start] of [['a', 0], ['b', 60_000], ['c', 120_000]] as const) {
    clock(start)
    sessions.hear('northwind', { ...progress, sessionId: id })
  }
  const { activeSessions, sessionsData } = sessions.live('northwind')
  assert.equal(activeSessions, 3)
  assert.deepEqual(original.originalCleaned(sessionsData, at(time, 120_000).getTime()), [])
  clock(29 * 60_000)
  sessions.hear('northwind', { ...progress, sessionId: 'a' })
  clock(31.5 * 60_000)
  assert.deepEqual(sessions.live('northwind').sessionsData.map(({ id, uptime }) => [id, uptime]), [['a', 1890], ['c', 1770]])
  assert.equal(sessions.live('contoso').activeSessions, 0)
})

test('14: one model has one price, also where the names of the original differed', () => {
  const [input, output] = original.originalApplicationPrice('gpt-4.1-mini')
  assert.deepEqual([input, output], [5, 15])
  assert.deepEqual([costOf('gpt-4.1-mini', 1_000_000, 0), costOf('gpt-4.1-mini', 0, 1_000_000)], ['10.000000', '30.000000'])
})

test('8: a rollup that nobody refreshes is stale, also while its last bucket has not ended', () => {
  const refreshedAt = new Date('2026-11-19T01:05:00Z')
  const now = new Date('2026-11-19T18:00:00Z')
  const originalAge = Math.max(0, (now.getTime() - Date.parse('2026-11-20T00:00:00Z')) / 60_000)
  assert.equal(originalAge, 0, 'the end of the bucket of today lies ahead')
  const health = healthOf({ watermark: new Date('2026-11-19T00:00:00Z'), refreshedAt }, now)
  assert.deepEqual(health, { rollupFreshnessMinutes: 1015, rollupSource: 'rollup', stale: true })
})
