/**
 * Fills a database with chat requests: `npm run seed -- [--rows N] [--days N] [--empty]`.
 *
 * A database that has requests already is left as it is, unless `--empty` empties it first.
 */
import { parseArgs } from 'node:util'
import { now } from '@/lib/clock'
import { openDatabase } from '@/lib/database/open'
import { init } from '@/lib/database/schema'
import { ORGANIZATIONS, RESEARCH, seedOrganizations } from './seed/organizations'
import { requests } from './seed/requests'
import { insertRows } from './seed/rows'
import { aiderRows, llmperfRows, sharedData } from './seed/traces'

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '40000' }, days: { type: 'string', default: '90' }, empty: { type: 'boolean', default: false } },
})
const [rows, days] = [Number(values.rows), Number(values.days)]
if (!Number.isSafeInteger(rows) || rows < 0 || !Number.isSafeInteger(days) || days < 1) {
  console.error(`--rows must be a whole number and --days at least 1, got ${values.rows} and ${values.days}`)
  process.exit(2)
}

const database = await openDatabase()
await init(database)
if (values.empty) await database.query('TRUNCATE chat_telemetry')
const [found] = await database.query('SELECT 1 FROM chat_telemetry LIMIT 1')
if (found !== undefined) {
  console.log('the database has chat requests already; --empty starts anew')
} else {
  const traces = sharedData()
  await seedOrganizations(database, traces === undefined ? ORGANIZATIONS : [...ORGANIZATIONS, RESEARCH])
  const end = now()
  console.log(`${await insertRows(database, requests(rows, days, end))} chat requests of ${days} days`)
  if (traces === undefined) {
    console.log('skipped: the public traces, which ISOFOLD_DATA does not have')
  } else {
    console.log(`${await insertRows(database, aiderRows(traces, end))} requests of aider's users`)
    console.log(`${await insertRows(database, llmperfRows(traces, end))} requests of llmperf`)
  }
}
await database.close()
