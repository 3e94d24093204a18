// What a page holds after any changes is what the server holds, and what a fresh load of the same rows gives.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Rollup } from 'isofold'
import { HOUR } from '@/lib/clock'
import type { OwnerDatabase } from '@/lib/database/database'
import { Ledger, type LedgerEvent } from '@/lib/live/ledger'
import { foldRange } from '@/lib/live/rows'
import { ownerStore } from '@/lib/store'
import { Random } from '@/scripts/seed/random'
import { requests } from '@/scripts/seed/requests'
import { insertRows } from '@/scripts/seed/rows'
import { onEachDatabase } from './databases'

const NOW = new Date('2026-11-19T10:40:00Z')

/** What the browser does: decodes once, then applies events. */
class Page {
  rollup: Rollup
  digest: string

  constructor(bytes: Uint8Array) {
    this.rollup = Rollup.decode(bytes)
    this.digest = this.rollup.digest()
  }

  apply(event: LedgerEvent): void {
    assert.notEqual(event.type, 'reset')
    if (event.type === 'reset') return
    const part = Buffer.from(event.data.bytes, 'base64')
    if (event.type === 'delta') this.rollup.merge(part)
    else this.rollup.replace(event.data.start, event.data.end, part)
    this.digest = this.rollup.digest()
    assert.equal(this.digest, event.data.digest)
  }
}

onEachDatabase('ledgers', (open, kind) => {
  let database: OwnerDatabase
  const insert = async (created: Date, domain: string, id?: string): Promise<void> => {
    await database.query(
      `INSERT INTO chat_telemetry (session_id, model, start_time, created_at, domain, success, duration_ms, input_tokens, output_tokens)
       VALUES ($1, 'gpt-4.1', $2, $2, $3, true, 812, 900, 100)`,
      [id ?? 'new', created.toISOString(), domain],
    )
  }

  before(async () => {
    process.env.TELEMETRY_NOW = NOW.toISOString()
    database = await open()
    await insertRows(database, requests(4000, 20, NOW))
    await ownerStore(database).refresh({ now: NOW })
  })
  after(() => {
    delete process.env.TELEMETRY_NOW
  })

  test('a page that applies every event holds what the server and a fresh load hold', async () => {
    const ledger = new Ledger(database.as('northwind'))
    const first = await ledger.current()
    const page = new Page(first.levels.hours.encode())
    assert.equal(page.digest, first.digest)
    ledger.subscribe((event) => page.apply(event))
    const random = new Random(5)
    const seen = new Set<string>()
    ledger.subscribe(({ type }) => seen.add(type))
    for (let round = 0; round < 25; round++) {
      const ago = (hours: number): Date => new Date(NOW.getTime() - Math.floor(random.next() * hours * HOUR))
      const domain = random.chance(0.5) ? ' help.northwind.example' : 'shoes.contoso.example'
      const what = random.whole(0, 5)
      if (what <= 1) await insert(ago(0.6), domain)
      if (what === 2) await insert(ago(300), domain)
      if (what === 3) await database.query('UPDATE chat_telemetry SET success = NOT success WHERE id IN (SELECT id FROM chat_telemetry ORDER BY id LIMIT 1 OFFSET $1)', [random.whole(0, 3000)])
      if (what === 4) await database.query('DELETE FROM chat_telemetry WHERE id IN (SELECT id FROM chat_telemetry ORDER BY id LIMIT 2 OFFSET $1)', [random.whole(0, 3000)])
      if (what === 5) await insertRows(database, requests(700, 0.05, NOW, round))
      if (random.chance(0.3)) await ownerStore(database).refresh({ now: NOW })
      const held = await ledger.current()
      assert.equal(page.digest, held.digest)
      assert.equal((await new Ledger(database.as('northwind')).current()).digest, held.digest, `round ${round}, ${what}`)
    }
    assert.deepEqual([...seen].sort(), ['delta', 'replace'])
  })

  test('an organisation holds the rows of its domains, and all of them', async () => {
    for (const organization of ['northwind', 'contoso']) {
      const { levels } = await new Ledger(database.as(organization)).current()
      const rows = await database.query<{ domain: string; model: string; requests: number }>(
        `SELECT telemetry_name(domain) AS domain, telemetry_name(model) AS model, count(*) AS requests FROM chat_telemetry
         WHERE telemetry_name(domain) IN (SELECT domain FROM organization_domains WHERE organization_id = $1)
         GROUP BY 1, 2 ORDER BY telemetry_name(domain) COLLATE "C", telemetry_name(model) COLLATE "C"`,
        [organization],
      )
      const held = levels.hours.query({ bucket: null, select: ['requests'] }).rows()
      assert.deepEqual(held, rows)
      assert.ok(held.length > 10)
      const folded = await foldRange(database.as(organization), new Date(0))
      assert.equal(folded.digest(), levels.hours.digest())
    }
  })

  test('a page that was away gets what it missed, and a reset for what nobody remembers', async () => {
    const ledger = new Ledger(database.as('northwind'))
    const { levels, cursor } = await ledger.current()
    const page = new Page(levels.hours.encode())
    await insert(NOW, 'help.northwind.example')
    await ledger.update()
    await insert(NOW, 'shop.northwind.example')
    await ledger.update()
    const missed = ledger.since(cursor)
    assert.deepEqual(missed.map(({ type }) => type), ['delta', 'delta'])
    for (const event of missed) page.apply(event)
    assert.equal(page.digest, (await ledger.current()).digest)
    assert.deepEqual(ledger.since(missed.at(-1)?.id ?? ''), [])
    for (const unknown of ['', 'x', 'nobody.1', `${cursor}9`, cursor.replace('.0', '.-1'), cursor.replace('.0', '.NaN')]) {
      assert.deepEqual(ledger.since(unknown).map(({ type }) => type), ['reset'], unknown)
    }
  })

  test('rows that retention drops change nothing', async () => {
    const ledger = new Ledger(database.as('northwind'))
    const { digest } = await ledger.current()
    const later = new Date(NOW.getTime() + 15 * 24 * HOUR)
    const store = ownerStore(database)
    await store.refresh({ now: NOW })
    await store.refresh({ now: later })
    const { pruned } = await store.prune(later)
    assert.equal(pruned.find(({ name }) => name === 'chat_telemetry')?.status, 'ok')
    const [left] = await database.query<{ first: Date }>('SELECT min(created_at) AS first FROM chat_telemetry')
    assert.ok(left !== undefined && left.first > new Date('2026-11-03T00:00:00Z'))
    assert.equal((await ledger.current()).digest, digest)
    assert.equal((await new Ledger(database.as('northwind')).current()).digest, digest)
  })

  test('a new day and a truncated table are told by a reset', async () => {
    const ledger = new Ledger(database.as('northwind'))
    await ledger.current()
    const events: LedgerEvent[] = []
    ledger.subscribe((event) => events.push(event))
    process.env.TELEMETRY_NOW = new Date(NOW.getTime() + 24 * HOUR).toISOString()
    await ledger.update()
    await database.query('TRUNCATE chat_telemetry')
    await ledger.update()
    process.env.TELEMETRY_NOW = NOW.toISOString()
    assert.deepEqual(events.map(({ type, data }) => [type, data]), [['reset', { reason: 'day' }], ['reset', { reason: 'behind' }]])
  })

  test('a transaction that commits late is neither missed nor seen twice', { skip: kind === 'pglite' ? 'PGlite has one connection' : false }, async () => {
    const ledger = new Ledger(database.as('northwind'))
    const before = (await ledger.current()).levels.hours.stats().rows
    let commit = (): void => undefined
    const committing = new Promise<void>((resolve) => (commit = resolve))
    let slow: Promise<void> | undefined
    await new Promise<void>((inserted) => {
      slow = database.transaction(async (queries) => {
        await queries.query(`INSERT INTO chat_telemetry (session_id, model, start_time, created_at, domain)
          VALUES ('slow', 'gpt-4.1', $1, $1, 'help.northwind.example')`, [NOW.toISOString()])
        inserted()
        await committing
      })
    })
    await insert(NOW, 'help.northwind.example', 'fast')
    const between = (await ledger.current()).levels.hours.stats().rows
    commit()
    await slow
    assert.equal(between, before + 1)
    assert.equal((await ledger.current()).levels.hours.stats().rows, before + 2)
    assert.equal((await ledger.current()).levels.hours.stats().rows, before + 2)
  })
})
