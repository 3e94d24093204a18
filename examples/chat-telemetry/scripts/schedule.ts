/**
 * Runs the schedule on its own, where the server does not (`TELEMETRY_SCHEDULE=off`): `npm run schedule`, or
 * `npm run schedule -- --once` from cron, which does what is due and ends.
 */
import { parseArgs } from 'node:util'
import { now } from '@/lib/clock'
import { openDatabase } from '@/lib/database/open'
import { init } from '@/lib/database/schema'
import { type JobReport, runDue, startSchedule } from '@/lib/schedule/schedule'

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } })
const database = await openDatabase()
await init(database)
if (values.once) {
  const reports = await runDue(database, now())
  reports.forEach(tell)
  await database.close()
} else {
  const stop = startSchedule(async () => database, tell)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop()
      void database.close()
    })
  }
}

function tell({ job, results }: JobReport): void {
  for (const { view_name, refresh_time_ms, status } of results) {
    console.log(`${new Date().toISOString()} ${job} ${view_name} ${refresh_time_ms} ms ${status}`)
    if (refresh_time_ms < 0) process.exitCode = 1
  }
}
