// Summaries from memory are those of the database, whatever was dropped since and whatever comes in.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DAY } from '@/lib/clock'
import type { OwnerDatabase } from '@/lib/database/database'
import { Ledger } from '@/lib/live/ledger'
import { fetchDomainSummaries, fetchDomainSummary } from '@/lib/services/domain-summary'
import { fetchModelSummary } from '@/lib/services/model-summary'
import { allTimeReader, levelsReader, type Reader, storeReader } from '@/lib/services/reader'
import { ownerStore, tenantStore } from '@/lib/store'
import { windowOf } from '@/lib/window'
import { requests } from '@/scripts/seed/requests'
import { insertRows } from '@/scripts/seed/rows'
import { onEachDatabase } from './databases'

const NOW = new Date('2026-11-19T10:40:00Z')
const END = windowOf(1, NOW).end
const HELP = 'help.northwind.example'

onEachDatabase('summaries from memory', (open) => {
  let database: OwnerDatabase
  let ledger: Ledger
  const insert = async (created: Date): Promise<void> => {
    await database.query(
      `INSERT INTO chat_telemetry (session_id, model, start_time, created_at, domain, success, duration_ms, input_tokens, output_tokens)
       VALUES ('new', 'gpt-4.1', $1, $1, $2, true, 812, 900, 100)`,
      [created.toISOString(), HELP],
    )
  }
  /** Both summaries as the database has them at the end of the hour and as they are in memory now, which must be the same. */
  const sameEverywhere = async (): Promise<number> => {
    // memory is refreshed by every change, stored hours of the past by a refresh
    await ownerStore(database).refresh({ now: NOW })
    const { levels } = await ledger.current()
    const [held, stored] = [allTimeReader(levels), storeReader(tenantStore(database.as('northwind')))]
    const domains = await fetchDomainSummaries(held, END)
    assert.deepEqual(domains, await fetchDomainSummaries(stored, END))
    assert.deepEqual(await fetchModelSummary(held, END), await fetchModelSummary(stored, END))
    assert.deepEqual(await fetchDomainSummary(held, HELP, END), domains.find(({ domain }) => domain === HELP))
    return domains.reduce((sum, { total_requests_all_time: all }) => sum + all, 0)
  }

  before(async () => {
    process.env.TELEMETRY_NOW = NOW.toISOString()
    database = await open()
    const old = new Date(NOW.getTime() - 150 * DAY)
    await insertRows(database, requests(900, 120, old, 4))
    await insertRows(database, requests(3000, 85, NOW))
    const store = ownerStore(database)
    await store.refresh({ now: NOW })
    // rows are kept for 30 days, hours for 91: all time is read from days and months
    await store.prune(NOW)
    ledger = new Ledger(database.as('northwind'))
  })
  after(() => {
    delete process.env.TELEMETRY_NOW
  })

  test('they are those of the database, with what is older than the hours in memory', async () => {
    const [rows] = await database.as('northwind').query<{ requests: number }>('SELECT count(*) AS requests FROM chat_telemetry')
    const all = await sameEverywhere()
    assert.ok(all > Number(rows?.requests) + 500, `${all} of ${rows?.requests}`)
  })

  test('they follow new, late, changed and deleted rows, and leave out those of the future', async () => {
    const all = await sameEverywhere()
    await insert(new Date(NOW.getTime() - 60_000))
    assert.equal(await sameEverywhere(), all + 1)
    await insert(new Date(NOW.getTime() - 3 * DAY))
    await insert(new Date(NOW.getTime() + 2 * DAY))
    assert.equal(await sameEverywhere(), all + 2)
    await database.query(`UPDATE chat_telemetry SET domain = 'shoes.contoso.example' WHERE session_id = 'new' AND created_at < $1`, [NOW.toISOString()])
    assert.equal(await sameEverywhere(), all)
    await database.query(`DELETE FROM chat_telemetry WHERE created_at >= $1`, [new Date(NOW.getTime() - DAY).toISOString()])
    assert.ok((await sameEverywhere()) < all)
  })

  test('an answer is kept until the next change, for each question its own', async () => {
    const { levels } = await ledger.current()
    const asked = { bucket: null, group_by: ['model'], select: ['requests'] } as const
    const read = (reader: Reader, where?: string): ReturnType<Reader['read']> => reader.read(where === undefined ? asked : { ...asked, where })
    const first = await read(levelsReader(levels, 90))
    assert.equal(await read(levelsReader(levels, 90)), first)
    assert.notEqual(await read(levelsReader(levels, 30)), first)
    assert.notEqual(await read(allTimeReader(levels)), first)
    assert.notDeepEqual(await read(levelsReader(levels, 90), `domain = '${HELP}'`), first)
    await insert(new Date(NOW.getTime() - 120_000))
    const { levels: later } = await ledger.current()
    assert.equal(later, levels)
    const next = await read(levelsReader(levels, 90))
    assert.notEqual(next, first)
    assert.equal(total(next), total(first) + 1)
    for (let question = 0; question < 300; question++) await read(levelsReader(levels, 90), `domain = 'd${question}'`)
    assert.deepEqual(await read(levelsReader(levels, 90)), next)
  })
})

function total(rows: Awaited<ReturnType<Reader['read']>>): number {
  return rows.reduce((sum, { requests: count }) => sum + Number(count), 0)
}
