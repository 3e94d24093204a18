/**
 * Makes and updates everything in the database; may be called at every start.
 *
 * The one idea: the folder `sql` in the order of its numbers; isofold's own tables are made between 45 and 50, before
 * what names them.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PRICES } from '../prices'
import { ownerStore } from '../store'
import type { OwnerDatabase } from './database'

/** The first script that names tables of isofold. */
const NAMES_ROLLUPS = '50'

/** Two that make the same at once would be in each other's way. */
const LOCK = 5_407_112

/** Makes tables, triggers, rollups, policies and views, and fills in the prices. */
export async function init(database: OwnerDatabase): Promise<void> {
  if (database.kind === 'pglite') return await make(database)
  await database.transaction(async (queries) => {
    await queries.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
    await make(database)
  })
}

async function make(database: OwnerDatabase): Promise<void> {
  const folder = join(process.cwd(), 'sql')
  const scripts = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort()
  const run = async (names: readonly string[]): Promise<void> => {
    for (const name of names) await database.script(await readFile(join(folder, name), 'utf8'))
  }
  await run(scripts.filter((name) => name < NAMES_ROLLUPS))
  await database.query(
    `INSERT INTO model_prices SELECT * FROM jsonb_to_recordset($1::jsonb)
       AS p (prefix text, input_usd numeric, output_usd numeric)
     ON CONFLICT (prefix) DO UPDATE SET input_usd = excluded.input_usd, output_usd = excluded.output_usd`,
    [JSON.stringify(PRICES)],
  )
  await database.query('DELETE FROM model_prices WHERE NOT prefix = ANY ($1)', [PRICES.map(({ prefix }) => prefix)])
  await ownerStore(database).init()
  await run(scripts.filter((name) => name >= NAMES_ROLLUPS))
}
