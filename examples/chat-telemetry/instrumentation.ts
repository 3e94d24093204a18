/** What Next.js calls when the server starts: the schedule runs with it, unless `TELEMETRY_SCHEDULE=off`. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs' || process.env.TELEMETRY_SCHEDULE === 'off') return
  if (process.env.NEXT_PHASE === 'phase-production-build') return
  const { database } = await import('./lib/database/open')
  const { startSchedule } = await import('./lib/schedule/schedule')
  startSchedule(database, ({ results }) => {
    for (const { view_name, refresh_time_ms, status } of results) {
      if (refresh_time_ms < 0) console.error(`refresh of ${view_name} failed: ${status}`)
    }
  })
}
