/**
 * What Next.js calls when the server starts: the rollups of pages are loaded before anybody asks, and the schedule runs
 * with the server, unless `TELEMETRY_SCHEDULE=off`.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs' || process.env.NEXT_PHASE === 'phase-production-build') return
  const { feed } = await import('./lib/live/feed')
  // a database that is not there yet is told of by the routes
  void feed().then((opened) => opened.warm()).catch(() => undefined)
  if (process.env.TELEMETRY_SCHEDULE === 'off') return
  const { database } = await import('./lib/database/open')
  const { startSchedule } = await import('./lib/schedule/schedule')
  startSchedule(database, ({ results }) => {
    for (const { view_name, refresh_time_ms, status } of results) {
      if (refresh_time_ms < 0) console.error(`refresh of ${view_name} failed: ${status}`)
    }
  })
}
