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
  /** How long the next bucket has been over and is not there; minutes. */
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
  return WATCHED.map(({ rollup, bucket, limitMinutes }) => {
    const state = rollups.find(({ name }) => name === rollup)
    const watermark = state?.watermark === null || state === undefined ? null : new Date(state.watermark)
    const overdue = watermark === null ? 0 : (now.getTime() - watermark.getTime() - bucket) / 60_000
    const overdueMinutes = Math.max(0, Math.round(overdue))
    const late = overdueMinutes > limitMinutes ? `${overdueMinutes} minutes overdue, the limit is ${limitMinutes}` : null
    const problem = state?.error ?? (watermark === null || state?.groups === 0 ? 'nothing is stored' : late)
    return { rollup, groups: state?.groups ?? 0, watermark, overdueMinutes, limitMinutes, problem }
  })
}
