/** How fresh are the rollups? */
import type { Queries } from '../database/database'

/** When a rollup was refreshed, and up to where it is built; null before the first time. */
export interface Freshness {
  readonly watermark: Date | null
  readonly refreshedAt: Date | null
}

/** A refresh every 15 minutes that fails four times is noticed. */
const STALE_MINUTES = 60

/** The freshness of a rollup. */
export async function freshnessOf(queries: Queries, rollup: string): Promise<Freshness> {
  const [row] = await queries.query<{ watermark: number | null; refreshed_at: number | null }>(
    'SELECT watermark, refreshed_at FROM isofold_rollups WHERE name = $1',
    [rollup],
  )
  return { watermark: timeOf(row?.watermark), refreshedAt: timeOf(row?.refreshed_at) }
}

/** What the dashboard says about freshness. Without a rollup the rows answer alone. */
export function healthOf({ watermark, refreshedAt }: Freshness, now: Date): {
  readonly rollupFreshnessMinutes: number | null
  readonly rollupSource: 'rollup' | 'raw'
  readonly stale: boolean
} {
  if (watermark === null || refreshedAt === null) return { rollupFreshnessMinutes: null, rollupSource: 'raw', stale: true }
  const minutes = Math.max(0, (now.getTime() - refreshedAt.getTime()) / 60_000)
  return { rollupFreshnessMinutes: Math.round(minutes * 100) / 100, rollupSource: 'rollup', stale: minutes > STALE_MINUTES }
}

function timeOf(us: number | null | undefined): Date | null {
  return us === null || us === undefined ? null : new Date(us / 1000)
}
