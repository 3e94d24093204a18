/**
 * Does what is due.
 *
 * The one idea: a slot is claimed in the database before it is done, so that any number of processes can run the same
 * schedule, and one that dies is relieved.
 */
import { now } from '../clock'
import type { OwnerDatabase } from '../database/database'
import type { ViewRefresh } from '../services/refresh'
import { type Job, JOBS, slotOf } from './jobs'

/** Who claimed a slot and did not finish it for so long is taken for dead; minutes. */
const RELIEF_MINUTES = 30
const TICK_MS = 30_000

/** What one job came to. */
export interface JobReport {
  readonly job: string
  readonly results: readonly ViewRefresh[]
}

/** Does every job that is due, and tells what each came to. */
export async function runDue(database: OwnerDatabase, time: Date): Promise<JobReport[]> {
  const reports: JobReport[] = []
  for (const job of JOBS) {
    if (!(await claimed(database, job, time))) continue
    const results = await resultsOf(job, database, time)
    const failed = results.filter(({ refresh_time_ms }) => refresh_time_ms < 0)
    const error = failed.map(({ view_name, status }) => `${view_name}: ${status}`).join('; ')
    await database.query('UPDATE telemetry_jobs SET finished_at = clock_timestamp(), error = $2 WHERE name = $1', [job.name, error === '' ? null : error])
    reports.push({ job: job.name, results })
  }
  return reports
}

/** Runs the schedule until the function that it returns is called. */
export function startSchedule(database: () => Promise<OwnerDatabase>, tell: (report: JobReport) => void): () => void {
  let isRunning = false
  const tick = async (): Promise<void> => {
    if (isRunning) return
    isRunning = true
    try {
      for (const report of await runDue(await database(), now())) tell(report)
    } catch (error) {
      tell({ job: 'schedule', results: [{ view_name: '', refresh_time_ms: -1, status: String(error) }] })
    } finally {
      isRunning = false
    }
  }
  const interval = setInterval(() => void tick(), TICK_MS)
  void tick()
  return () => clearInterval(interval)
}

async function claimed(database: OwnerDatabase, job: Job, time: Date): Promise<boolean> {
  const rows = await database.query(
    `INSERT INTO telemetry_jobs AS j (name, slot, claimed_at) VALUES ($1, $2, clock_timestamp())
     ON CONFLICT (name) DO UPDATE SET slot = excluded.slot, claimed_at = excluded.claimed_at, finished_at = NULL, error = NULL
     WHERE j.slot < excluded.slot
       OR (j.finished_at IS NULL AND j.claimed_at < clock_timestamp() - make_interval(mins => ${RELIEF_MINUTES}))
     RETURNING 1`,
    [job.name, slotOf(job, time).toISOString()],
  )
  return rows.length > 0
}

async function resultsOf(job: Job, database: OwnerDatabase, time: Date): Promise<ViewRefresh[]> {
  try {
    return await job.run(database, time)
  } catch (error) {
    return [{ view_name: job.name, refresh_time_ms: -1, status: error instanceof Error ? error.message : String(error) }]
  }
}
