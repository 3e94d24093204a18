import assert from 'node:assert/strict'
import { before, beforeEach, test } from 'node:test'
import type { OwnerDatabase } from '@/lib/database/database'
import { JOBS, slotOf } from '@/lib/schedule/jobs'
import { runDue, startSchedule } from '@/lib/schedule/schedule'
import { stalenessOf } from '@/lib/services/staleness'
import { requests } from '@/scripts/seed/requests'
import { insertRows } from '@/scripts/seed/rows'
import { onEachDatabase } from './databases'

const NOW = new Date('2026-11-19T10:40:00Z')
const at = (text: string): Date => new Date(text)

test('hours are refreshed every 15 minutes, days at 1:05, summaries at 5 past, in UTC', () => {
  const slots = (time: string): Record<string, string> => Object.fromEntries(JOBS.map((job) => [job.name, slotOf(job, at(time)).toISOString()]))
  assert.deepEqual(slots('2026-11-19T10:40:00Z'), { hour: '2026-11-19T10:30:00.000Z', day: '2026-11-19T01:05:00.000Z', summaries: '2026-11-19T10:05:00.000Z' })
  assert.deepEqual(slots('2026-11-19T01:04:59Z'), { hour: '2026-11-19T01:00:00.000Z', day: '2026-11-18T01:05:00.000Z', summaries: '2026-11-19T00:05:00.000Z' })
  assert.deepEqual(slots('2026-11-19T01:05:00Z'), { hour: '2026-11-19T01:00:00.000Z', day: '2026-11-19T01:05:00.000Z', summaries: '2026-11-19T01:05:00.000Z' })
})

onEachDatabase('schedule', (open) => {
  let database: OwnerDatabase
  const done = async (time: Date): Promise<string[]> => (await runDue(database, time)).map(({ job }) => job)

  before(async () => {
    database = await open()
    await insertRows(database, requests(500, 3, NOW))
  })
  beforeEach(async () => void (await database.query('TRUNCATE telemetry_jobs')))

  test('what is due is done once, and again in its next slot', async () => {
    const reports = await runDue(database, NOW)
    assert.deepEqual(reports.map(({ job }) => job), ['hour', 'day', 'summaries'])
    assert.ok(reports.every(({ results }) => results.length > 0 && results.every(({ status }) => status === 'SUCCESS')))
    assert.deepEqual(await done(at('2026-11-19T10:44:59Z')), [])
    assert.deepEqual(await done(at('2026-11-19T10:45:00Z')), ['hour'])
    assert.deepEqual(await done(at('2026-11-19T11:06:00Z')), ['hour', 'summaries'])
    // down for days: each is done once, for now
    assert.deepEqual(await done(at('2026-11-22T09:00:00Z')), ['hour', 'day', 'summaries'])
    assert.deepEqual(await done(at('2026-11-22T09:00:01Z')), [])
  })

  test('of several at once each job is done by one', async () => {
    const reports = await Promise.all([done(NOW), done(NOW), done(NOW)])
    assert.deepEqual(reports.flat().sort(), ['day', 'hour', 'summaries'])
  })

  test('who died while at it is relieved half an hour later', async () => {
    await done(NOW)
    await database.query(`UPDATE telemetry_jobs SET finished_at = NULL, claimed_at = clock_timestamp() - interval '29 minutes' WHERE name = 'day'`)
    assert.deepEqual(await done(NOW), [])
    await database.query(`UPDATE telemetry_jobs SET claimed_at = clock_timestamp() - interval '31 minutes' WHERE name = 'day'`)
    assert.deepEqual(await done(NOW), ['day'])
  })

  test('a job that fails is told and noted, and the others are done', async () => {
    await database.query('ALTER TABLE telemetry_model_all_time RENAME TO hidden')
    const reports = await runDue(database, NOW)
    await database.query('ALTER TABLE hidden RENAME TO telemetry_model_all_time')
    assert.deepEqual(reports.flatMap(({ results }) => results.filter(({ refresh_time_ms }) => refresh_time_ms < 0).map(({ view_name }) => view_name)), ['chat_telemetry_model_summary'])
    const noted = await database.query<{ name: string; error: string | null }>('SELECT name, error FROM telemetry_jobs ORDER BY name')
    assert.deepEqual(noted.map(({ name, error }) => [name, error === null]), [['day', true], ['hour', true], ['summaries', false]])
    assert.match(noted[2]?.error ?? '', /^chat_telemetry_model_summary: .*telemetry_model_all_time/)
  })

  test('a schedule that runs does what is due at once, and survives a database that fails', async () => {
    process.env.TELEMETRY_NOW = NOW.toISOString()
    let tries = 0
    const told: string[] = []
    const stops: (() => void)[] = []
    await new Promise<void>((resolve) => {
      stops.push(startSchedule(() => Promise.reject(new Error(`try ${++tries}`)), ({ results }) => told.push(results[0]?.status ?? '')))
      stops.push(startSchedule(async () => database, ({ job }) => (told.push(job), job === 'summaries' && resolve())))
    })
    for (const stop of stops) stop()
    delete process.env.TELEMETRY_NOW
    assert.deepEqual(told, ['Error: try 1', 'hour', 'day', 'summaries'])
  })

  test('rollups are stale when what is over has been waiting for longer than 90 minutes, days 24 hours', async () => {
    await insertRows(database, requests(600, 2, at('2026-11-22T11:00:00Z'), 9))
    await done(at('2026-11-22T09:00:00Z'))
    const problems = async (time: string): Promise<(string | null)[]> => (await stalenessOf(database, at(time))).map(({ problem }) => problem?.replace(/\D+$/, '') ?? null)
    assert.deepEqual(await problems('2026-11-22T11:30:00Z'), [null, null, null, null])
    assert.deepEqual(await problems('2026-11-22T11:31:00Z'), Array(3).fill('91 minutes overdue, the limit is 90').concat(null))
    assert.equal((await problems('2026-11-24T00:00:00Z'))[3], null)
    assert.equal((await problems('2026-11-24T00:01:00Z'))[3], '1441 minutes overdue, the limit is 1440')
  })
})
