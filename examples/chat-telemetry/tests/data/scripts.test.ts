// The scripts as an operator runs them: what they print, and how they end.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { before, describe, test } from 'node:test'
import { openPostgres } from '@/lib/database/postgres'
import { freshPostgresUrl } from './databases'

const skip = process.env.ISOFOLD_POSTGRES === undefined ? 'ISOFOLD_POSTGRES is not set' : false

describe('scripts', { skip }, () => {
  let url: string
  const run = (script: string, args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Promise<{ code: number; words: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, DATABASE_URL: url, TELEMETRY_NOW: '2026-11-19T10:40:00Z', ...environment }
      execFile('node', ['--import', 'tsx', `scripts/${script}.ts`, ...args], { env }, (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), words: stdout + stderr }))
    })

  before(async () => void (url = await freshPostgresUrl()))

  test('a seed fills a database once, the same each time', async () => {
    assert.equal((await run('seed', ['--rows', 'many'])).code, 2)
    const first = await run('seed', ['--rows', '800', '--days', '5'])
    assert.equal(first.code, 0)
    assert.match(first.words, /^800 chat requests of 5 days/)
    assert.match((await run('seed')).words, /has chat requests already/)
    const contents = async (): Promise<unknown> => {
      const database = openPostgres(url, 1)
      const rows = await database.query(`SELECT count(*) AS n, sum(cost_usd) AS cost, md5(string_agg(session_id || created_at || coalesce(duration_ms, 0) || model, ',' ORDER BY session_id)) AS hash FROM chat_telemetry`)
      await database.close()
      return rows
    }
    const before = await contents()
    await run('seed', ['--rows', '800', '--days', '5', '--empty'])
    assert.deepEqual(await contents(), before)
  })

  test('a refresh prints view, time and status; what is wrong ends with its code', async () => {
    assert.equal((await run('refresh', ['--check'])).code, 1)
    const all = await run('refresh')
    assert.equal(all.code, 0, all.words)
    for (const view of ['chat_telemetry_rollups', 'chat_telemetry_domain_rollups', 'chat_telemetry_model_rollups', 'chat_telemetry_domain_summary', 'chat_telemetry_model_summary']) {
      assert.match(all.words, new RegExp(`${view}' +│ \\d+ +│ 'SUCCESS'`))
    }
    const checked = await run('refresh', ['--check'])
    assert.equal(checked.code, 0, checked.words)
    assert.match(checked.words, /chat_telemetry_domain_summary' +│ \d+ +│ '\d+ kB' +│ '2026-11-19T10:40:00.000Z'/)
    const late = await run('refresh', ['--check'], { TELEMETRY_NOW: '2026-11-20T10:41:00Z' })
    assert.equal(late.code, 1)
    assert.match(late.words, /chat_telemetry_rollups was last refreshed 24 hours ago, more than 24/)
    const one = await run('refresh', ['--view=chat_telemetry_model_summary'])
    assert.deepEqual([one.code, one.words.match(/SUCCESS/g)?.length], [0, 1])
    for (const args of [['--view=pg_class'], ['--views'], ['now']]) assert.equal((await run('refresh', args)).code, 2, args.join(' '))
    assert.match((await run('refresh', ['--help'])).words, /^npm run refresh/)
  })

  test('a refresh that fails says why and exits with 1', async () => {
    const database = openPostgres(url, 1)
    await database.query('ALTER TABLE telemetry_days RENAME bucket TO hidden')
    const failed = await run('refresh', ['--view=chat_telemetry_rollups'])
    await database.query('ALTER TABLE telemetry_days RENAME hidden TO bucket')
    await database.close()
    assert.equal(failed.code, 1)
    assert.match(failed.words, /bucket/)
    assert.equal((await run('refresh', [], { DATABASE_URL: 'postgresql://nobody@127.0.0.1:9/none' })).code, 1)
  })

  test('the monitor is silent while all is fresh, and tells one webhook what is not', async () => {
    const told: string[] = []
    const server = createServer((request, response) => {
      request.on('data', (text) => told.push(String(text)))
      request.on('end', () => response.end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const webhook = { TELEMETRY_ALERT_WEBHOOK: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    assert.equal((await run('monitor', [], webhook)).code, 0)
    assert.deepEqual(told, [])
    assert.equal((await run('monitor', [], { ...webhook, TELEMETRY_NOW: '2026-11-19T13:00:00Z' })).code, 1)
    assert.equal((await run('monitor', [], { ...webhook, DATABASE_URL: 'postgresql://nobody@127.0.0.1:9/none' })).code, 1)
    server.close()
    assert.equal(told.length, 2)
    assert.match(told[0] ?? '', /telemetry_hours: 120 minutes overdue, the limit is 90; telemetry_domain_hours/)
    assert.match(told[1] ?? '', /the database cannot be asked/)
  })

  test('the schedule can be run by cron', async () => {
    const once = await run('schedule', ['--once'])
    assert.equal(once.code, 0, once.words)
    assert.match(once.words, / hour chat_telemetry_model_rollups \d+ ms SUCCESS/)
    assert.equal((await run('schedule', ['--once'])).words, '')
  })
})
