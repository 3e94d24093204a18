/**
 * What has to be done, and when: all times are of UTC.
 *
 * The one idea: a job has slots; whoever comes first after a slot does it, and a slot that nobody did is done late
 * rather than never.
 */
import { DAY, HOUR } from '../clock'
import type { OwnerDatabase } from '../database/database'
import { refreshRollups, refreshTelemetrySummaryViews, type ViewRefresh } from '../services/refresh'
import { ownerStore } from '../store'

/** Something that is done again and again. */
export interface Job {
  readonly name: string
  /** The time between two slots, and the time of the first slot of a day; ms. */
  readonly every: number
  readonly at: number
  run(database: OwnerDatabase, now: Date): Promise<ViewRefresh[]>
}

const MINUTE = HOUR / 60

/** The jobs, in the order in which those that are due at once are done. */
export const JOBS: readonly Job[] = [
  {
    name: 'hour',
    every: 15 * MINUTE,
    at: 0,
    async run(database, now) {
      await forgetFeed(database)
      return await refreshRollups(database, now, (rollup) => rollup.endsWith('_hours'))
    },
  },
  {
    name: 'day',
    every: DAY,
    at: HOUR + 5 * MINUTE,
    async run(database, now) {
      const results = await refreshRollups(database, now)
      // what is not built into all that needs it is not dropped
      await ownerStore(database).prune(now)
      return results
    },
  },
  { name: 'summaries', every: HOUR, at: 5 * MINUTE, run: refreshTelemetrySummaryViews },
]

/** The last slot of a job at or before a time. */
export function slotOf({ every, at }: Job, time: Date): Date {
  return new Date(Math.floor((time.getTime() - at) / every) * every + at)
}

/** Live streams look at the last seconds of the feed; a day is more than any of them needs. */
async function forgetFeed(database: OwnerDatabase): Promise<void> {
  await database.query(`DELETE FROM chat_telemetry_feed WHERE logged_at < clock_timestamp() - interval '24 hours'`)
}
