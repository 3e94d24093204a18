/** Reading rows of `chat_telemetry` for a fold, as precisely as the store reads them. */
import { Rollup } from 'isofold'
import { PAGE_SPEC } from '../catalog'
import type { Queries } from '../database/database'

// Times as texts: a Date would drop the microseconds.
const SELECT = `SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS created_at, domain,
  model, success, input_tokens, output_tokens, total_tokens, cost_usd::float8 AS cost_usd, duration_ms, search_count,
  iterations FROM chat_telemetry`

type Row = Readonly<Record<string, string | number | boolean | null>>

/** The rollup of the rows of a range; without an end, of all that follow. */
export async function foldRange(queries: Queries, start: Date, end?: Date): Promise<Rollup> {
  const until = end?.toISOString() ?? 'infinity'
  return folded(await queries.query<Row>(`${SELECT} WHERE created_at >= $1 AND created_at < $2`, [start.toISOString(), until]))
}

/** The rollup of some rows. */
export async function foldRows(queries: Queries, ids: readonly string[]): Promise<Rollup> {
  return folded(await queries.query<Row>(`${SELECT} WHERE id = ANY ($1::uuid[])`, [ids]))
}

function folded(rows: readonly Row[]): Rollup {
  const rollup = new Rollup(PAGE_SPEC)
  rollup.ingest(rows)
  return rollup
}
