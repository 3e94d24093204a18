/**
 * What was committed since a snapshot?
 *
 * The one idea: a change is seen when its transaction was not in the snapshot before and is in this one. Sequence
 * numbers and times miss what commits late; snapshots cannot. Hours of which rows were dropped by retention are never
 * read anew: what is stored of them stays.
 */
import { floorTo, HOUR } from '../clock'
import type { Queries } from '../database/database'

/** A range of whole hours. */
export interface Hours {
  readonly start: Date
  readonly end: Date
}

/** Changes of `chat_telemetry` as one organisation sees them. */
export interface Changes {
  /** All rows went at once. */
  readonly emptied: boolean
  /** Ranges to read anew. */
  readonly anew: readonly Hours[]
  /** New rows of other hours. */
  readonly rows: readonly string[]
}

/** What this moment of the database is, to be remembered. */
export async function currentSnapshot(queries: Queries): Promise<string> {
  const [row] = await queries.query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot')
  return (row as { snapshot: string }).snapshot
}

/** Changes since a snapshot; hours before `settled` are read anew even when rows were only added. */
export async function changesSince(queries: Queries, snapshot: string, settled: Date): Promise<Changes> {
  const found = await queries.query<{ emptied: boolean; hour: number; anew: boolean; rows: string[] }>(
    `SELECT NOT isfinite(hour) AS emptied, CASE WHEN isfinite(hour) THEN extract(epoch FROM hour) ELSE 0 END::float8 * 1000 AS hour,
       bool_or(row_id IS NULL) OR hour < $2 AS anew, coalesce(array_agg(row_id::text) FILTER (WHERE row_id IS NOT NULL), '{}') AS rows
     FROM chat_telemetry_feed
     WHERE tx >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(tx, $1::pg_snapshot)
     GROUP BY chat_telemetry_feed.hour ORDER BY chat_telemetry_feed.hour`,
    [snapshot, settled.toISOString()],
  )
  const kept = await keptFrom(queries)
  const hours = found.filter(({ emptied, hour }) => !emptied && hour >= kept)
  return {
    emptied: found.some(({ emptied }) => emptied),
    anew: joined(hours.filter(({ anew }) => anew).map(({ hour }) => ({ start: new Date(hour), end: new Date(hour + HOUR) }))),
    rows: hours.filter(({ anew }) => !anew).flatMap(({ rows }) => rows),
  }
}

/** Ranges before `end` that changed since the rollup was built and that no refresh has looked at yet. */
export async function pendingHours(queries: Queries, rollup: string, start: Date, end: Date): Promise<readonly Hours[]> {
  const found = await queries.query<{ start_us: number; end_us: number; watermark: number | null }>(
    `SELECT DISTINCT c.start_us, c.end_us, r.watermark FROM isofold_changes AS c JOIN isofold_rollups AS r
     ON c.rollup IN (r.name, chr(9) || r.source) WHERE r.name = $1 ORDER BY 1, 2`,
    [rollup],
  )
  const from = Math.max(start.getTime(), await keptFrom(queries))
  const ranges = found.map(({ start_us, end_us, watermark }) => {
    const until = Math.min(end.getTime(), (watermark ?? 0) / 1000)
    return { low: Math.max(start_us / 1000, from), high: Math.min(end_us / 1000, until) }
  })
  const touched = ranges.filter(({ low, high }) => low < high)
  return joined(
    touched.map(({ low, high }) => ({ start: floorTo(HOUR, new Date(low)), end: new Date(floorTo(HOUR, new Date(high - 1)).getTime() + HOUR) })),
  )
}

/** From when on rows are there: milliseconds. */
async function keptFrom(queries: Queries): Promise<number> {
  const [row] = await queries.query<{ us: number | null }>('SELECT max(rows_dropped_before) AS us FROM isofold_rollups')
  return (row?.us ?? Number.NEGATIVE_INFINITY) / 1000
}

/** Ranges in order, those that touch as one. */
function joined(ranges: readonly Hours[]): Hours[] {
  const result: Hours[] = []
  for (const range of ranges) {
    const last = result.at(-1)
    if (last !== undefined && range.start <= last.end) {
      result[result.length - 1] = { start: last.start, end: range.end > last.end ? range.end : last.end }
    } else {
      result.push(range)
    }
  }
  return result
}
