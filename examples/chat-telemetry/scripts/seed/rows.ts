/** A row as the seed writes it, and writing many at once. */
import type { Queries } from '@/lib/database/database'

export interface SeedRow {
  readonly session_id: string
  readonly model: string
  readonly start_time: Date
  readonly end_time: Date | null
  readonly duration_ms: number | null
  readonly iterations: number | null
  readonly search_count: number | null
  readonly total_results: number | null
  readonly success: boolean | null
  readonly error: string | null
  readonly domain: string | null
  readonly created_at: Date
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  /** Filled in by the database when there is none. */
  readonly cost_usd: string | null
}

const TYPES: Readonly<Record<keyof SeedRow, string>> = {
  session_id: 'text',
  model: 'text',
  start_time: 'timestamptz',
  end_time: 'timestamptz',
  duration_ms: 'integer',
  iterations: 'integer',
  search_count: 'integer',
  total_results: 'integer',
  success: 'boolean',
  error: 'text',
  domain: 'text',
  created_at: 'timestamptz',
  input_tokens: 'integer',
  output_tokens: 'integer',
  cost_usd: 'numeric',
}
const NAMES = Object.keys(TYPES) as (keyof SeedRow)[]
const INSERT = `INSERT INTO chat_telemetry (${NAMES.join(', ')})
  SELECT * FROM unnest(${NAMES.map((name, at) => `$${at + 1}::${TYPES[name]}[]`).join(', ')})`
const BATCH = 5000

/** Inserts rows and tells how many there were. */
export async function insertRows(database: Queries, rows: Iterable<SeedRow>): Promise<number> {
  let count = 0
  let batch: SeedRow[] = []
  const write = async (): Promise<void> => {
    await database.query(INSERT, NAMES.map((name) => batch.map((row) => row[name])))
    count += batch.length
    batch = []
  }
  for (const row of rows) {
    batch.push(row)
    if (batch.length === BATCH) await write()
  }
  if (batch.length > 0) await write()
  return count
}
