/** Which rollups are late, and by how much? */
import { DAY, HOUR } from '../clock'
import type { OwnerDatabase } from '../database/database'
import { ownerStore } from '../store'

/** A rollup that is watched. */
export interface Staleness {
  readonly rollup: string
  readonly groups: number
  /** Up to where it is built. */
  readonly watermark: Date | null
  /** How long a bucket with rows has been over and is not there, at most since the last refresh; minutes. */
  readonly overdueMinutes: number
  readonly limitMinutes: number
  /** What is wrong; null when nothing is. */
  readonly problem: string | null
}

const WATCHED = [
  { rollup: 'telemetry_hours', bucket: HOUR, limitMinutes: 90 },
  { rollup: 'telemetry_domain_hours', bucket: HOUR, limitMinutes: 90 },
  { rollup: 'telemetry_model_hours', bucket: HOUR, limitMinutes: 90 },
  { rollup: 'telemetry_days', bucket: DAY, limitMinutes: 24 * 60 },
] as const

/** Compares every watched rollup with its limit. */
export async function stalenessOf(database: OwnerDatabase, now: Date): Promise<Staleness[]> {
  const { rollups } = await ownerStore(database).check(now)
  // without new rows nothing waits; what is built from another rollup waits for that one
  const isWaiting = rollups.some(({ lag_seconds: lag }) => lag > 0)
  return WATCHED.map(({ rollup, bucket, limitMinutes }) => {
    const state = rollups.find(({ name }) => name === rollup)
    const watermark = state?.watermark === null || state === undefined ? null : new Date(state.watermark)
    // after a quiet time the watermark is far behind, and the last refresh is not
    const refreshed = state?.refreshed_at ? new Date(state.refreshed_at).getTime() : 0
    const since = isWaiting && watermark !== null ? Math.max(watermark.getTime() + bucket, refreshed) : now.getTime()
    const overdueMinutes = Math.max(0, Math.round((now.getTime() - since) / 60_000))
    const late = overdueMinutes > limitMinutes ? `${overdueMinutes} minutes overdue, the limit is ${limitMinutes}` : null
    const problem = state?.error ?? (watermark === null || state?.groups === 0 ? 'nothing is stored' : late)
    return { rollup, groups: state?.groups ?? 0, watermark, overdueMinutes, limitMinutes, problem }
  })
}
