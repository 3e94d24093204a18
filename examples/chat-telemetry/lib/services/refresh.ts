/**
 * Refreshing what the old names show, with what each refresh came to.
 *
 * The one idea: one that fails is told in its line and does not keep the others from being refreshed.
 */
import type { Store } from 'isofold/stores'
import type { OwnerDatabase } from '../database/database'
import { ownerStore } from '../store'
import { refreshSummary, SUMMARY_VIEWS, type SummaryView } from './refresh-summaries'

/** What a refresh of one view came to. */
export interface ViewRefresh {
  readonly view_name: string
  /** −1 when it failed. */
  readonly refresh_time_ms: number
  /** `SUCCESS`, or the text of the error. */
  readonly status: string
}

/** The rollups behind the views of buckets, each after what it is built from. */
export const BUCKET_VIEWS = {
  chat_telemetry_model_rollups: ['telemetry_model_hours', 'telemetry_model_days', 'telemetry_model_months'],
  chat_telemetry_domain_rollups: ['telemetry_domain_hours', 'telemetry_domain_days'],
  chat_telemetry_rollups: ['telemetry_hours', 'telemetry_days'],
} as const

/** The views that can be refreshed by name. */
export const VIEWS = [...Object.keys(BUCKET_VIEWS), ...SUMMARY_VIEWS] as (keyof typeof BUCKET_VIEWS | SummaryView)[]
export type View = (typeof VIEWS)[number]

/** Refreshes rollups of one grain or all, from the finest on. */
export async function refreshRollups(database: OwnerDatabase, now: Date, isWanted: (rollup: string) => boolean = () => true): Promise<ViewRefresh[]> {
  const store = ownerStore(database)
  const results: ViewRefresh[] = []
  for (const [view, rollups] of Object.entries(BUCKET_VIEWS)) {
    const wanted = rollups.filter(isWanted)
    results.push(await timed(view, () => refreshLevels(store, wanted, now)))
  }
  return results
}

/** Refreshes both summaries: the shape of the original's function of this name. */
export async function refreshTelemetrySummaryViews(database: OwnerDatabase, now: Date): Promise<ViewRefresh[]> {
  const results: ViewRefresh[] = []
  for (const view of SUMMARY_VIEWS) results.push(await timed(view, () => refreshSummary(database, now, view)))
  return results
}

/** Refreshes one view, and before it what it is built from. */
export async function refreshView(database: OwnerDatabase, now: Date, view: View): Promise<ViewRefresh> {
  if (!(view in BUCKET_VIEWS)) return await timed(view, () => refreshSummary(database, now, view as SummaryView))
  const store = ownerStore(database)
  return await timed(view, async () => {
    for (const [each, rollups] of Object.entries(BUCKET_VIEWS)) {
      await refreshLevels(store, rollups, now)
      if (each === view) return
    }
  })
}

async function refreshLevels(store: Store, rollups: readonly string[], now: Date): Promise<void> {
  const { rollups: reports } = await store.refresh({ rollups, now })
  const refused = reports.find(({ status }) => status === 'refused')
  if (refused !== undefined) {
    const windows = refused.refused.map(({ start, end }) => `${start} to ${end}`)
    throw new Error(`${refused.name}: the rows of ${windows.join(', ')} are dropped; what is stored is kept`)
  }
}

async function timed(view: string, work: () => Promise<void>): Promise<ViewRefresh> {
  const started = performance.now()
  try {
    await work()
    return { view_name: view, refresh_time_ms: Math.round(performance.now() - started), status: 'SUCCESS' }
  } catch (error) {
    return { view_name: view, refresh_time_ms: -1, status: error instanceof Error ? error.message : String(error) }
  }
}
