/**
 * Watches the rollups: `npm run monitor`, for a cron job.
 *
 * Hours may be 90 minutes overdue and days 24 hours. What is late, missing or cannot be asked is told once to
 * `TELEMETRY_ALERT_WEBHOOK`, and the exit code is 1.
 */
import { now } from '@/lib/clock'
import { openDatabase } from '@/lib/database/open'
import { stalenessOf } from '@/lib/services/staleness'

const problems = await problemsFound()
if (problems.length > 0) {
  console.error(problems.join('\n'))
  await alert(problems)
  process.exitCode = 1
}

async function problemsFound(): Promise<string[]> {
  try {
    const database = await openDatabase()
    try {
      const found = await stalenessOf(database, now())
      console.table(found.map(({ rollup, groups, watermark, overdueMinutes }) => ({ rollup, groups, watermark: watermark?.toISOString() ?? 'never', overdueMinutes })))
      return found.flatMap(({ rollup, problem }) => (problem === null ? [] : [`${rollup}: ${problem}`]))
    } finally {
      await database.close()
    }
  } catch (error) {
    return [`the database cannot be asked: ${error instanceof Error ? error.message : String(error)}`]
  }
}

async function alert(found: readonly string[]): Promise<void> {
  const webhook = process.env.TELEMETRY_ALERT_WEBHOOK
  if (webhook === undefined || webhook === '') return
  const text = `chat telemetry: ${found.join('; ')}`
  const headers = { 'content-type': 'application/json' }
  try {
    const { ok, status } = await fetch(webhook, { method: 'POST', headers, body: JSON.stringify({ text }), signal: AbortSignal.timeout(10_000) })
    if (!ok) console.error(`the webhook answered ${status}`)
  } catch (error) {
    console.error(`the webhook cannot be reached: ${String(error)}`)
  }
}
