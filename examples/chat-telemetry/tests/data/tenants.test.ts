// Two organisations in one database: neither reads, writes or counts what is the other's, by any table or view.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { OwnerDatabase } from '@/lib/database/database'
import { refreshRollups, refreshTelemetrySummaryViews } from '@/lib/services/refresh'
import { storeReader } from '@/lib/services/reader'
import { fetchDomainSummaries } from '@/lib/services/domain-summary'
import { fetchModelSummary } from '@/lib/services/model-summary'
import { ownerStore, tenantStore } from '@/lib/store'
import { ORGANIZATIONS } from '@/scripts/seed/organizations'
import { requests } from '@/scripts/seed/requests'
import { insertRows } from '@/scripts/seed/rows'
import { onEachDatabase } from './databases'

const NOW = new Date('2026-11-19T10:40:00Z')
/** What an organisation may read, besides what says nothing of requests. */
const READABLE = ['chat_cost_alerts', 'chat_telemetry', 'chat_telemetry_cost_analytics', 'chat_telemetry_domain_costs', 'chat_telemetry_domain_rollups',
  'chat_telemetry_domain_summary', 'chat_telemetry_feed', 'chat_telemetry_hourly_costs', 'chat_telemetry_metrics', 'chat_telemetry_model_rollups', 'conversations',
  'isofold_changes', 'isofold_lost', 'isofold_rollups', 'isofold_schemas', 'isofold_version', 'model_prices', 'organization_domains', 'telemetry_domain_all_time', 'telemetry_domain_days',
  'telemetry_domain_hours', 'telemetry_model_days', 'telemetry_model_hours', 'telemetry_model_months']

onEachDatabase('tenants', (open) => {
  let database: OwnerDatabase
  before(async () => {
    database = await open()
    await insertRows(database, requests(3000, 40, NOW))
    await refreshRollups(database, NOW)
    await refreshTelemetrySummaryViews(database, NOW)
    await database.query(`INSERT INTO conversations (domain) SELECT domain FROM organization_domains`)
    await database.query(`INSERT INTO chat_cost_alerts (domain, alert_type, threshold_usd) SELECT domain, 'daily', 1 FROM organization_domains`)
    await database.query(`INSERT INTO chat_cost_alerts (alert_type, threshold_usd) VALUES ('daily', 1)`)
  })

  test('every table and view shows an organisation its own domains, or nothing', async () => {
    const relations = await database.query<{ name: string; has_domain: boolean }>(
      `SELECT c.relname AS name, EXISTS (SELECT 1 FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'domain') AS has_domain
       FROM pg_class AS c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'v', 'm') ORDER BY 1`,
    )
    for (const { id, domains } of ORGANIZATIONS) {
      const tenant = database.as(id)
      const readable: string[] = []
      for (const { name, has_domain } of relations) {
        const all = await tenant.query<{ domain?: string | null }>(`SELECT * FROM ${name}`).catch((error: Error) => {
          assert.match(error.message, /permission denied/)
          return undefined
        })
        if (all === undefined) continue
        readable.push(name)
        if (has_domain) assert.ok(all.every(({ domain }) => domains.includes(String(domain).trim())), `${name} of ${id}`)
        if (/^(chat_telemetry|telemetry|organization)/.test(name) && !/feed|metrics|cost_analytics|hourly/.test(name)) assert.ok(all.length > 0, `${name} of ${id} is empty`)
      }
      assert.deepEqual(readable, READABLE)
    }
  })

  test('the rows of both and those of nobody are all rows', async () => {
    const count = async (from: { query: OwnerDatabase['query'] }): Promise<number> => (await from.query<{ n: number }>('SELECT count(*) AS n FROM chat_telemetry'))[0]?.n ?? 0
    const [nobody] = await database.query<{ n: number }>(`SELECT count(*) AS n FROM chat_telemetry WHERE telemetry_name(domain) = 'unknown'`)
    const [one, other] = [await count(database.as('northwind')), await count(database.as('contoso'))]
    assert.ok(one > 500 && other > 500 && (nobody?.n ?? 0) > 5)
    assert.equal(one + other + (nobody?.n ?? 0), await count(database))
    assert.equal(await count(database.as('nobody')), 0)
  })

  test('an organisation cannot write rows of others, take theirs, or delete any', async () => {
    const tenant = database.as('northwind')
    const insert = (domain: string | null): Promise<unknown> =>
      tenant.query(`INSERT INTO chat_telemetry (session_id, model, start_time, domain) VALUES ('x', 'm', now(), $1)`, [domain])
    for (const domain of ['shoes.contoso.example', ' shoes.contoso.example ', null, '']) await assert.rejects(insert(domain), /row-level security/)
    await insert('help.northwind.example')
    const [before] = await database.query<{ n: number }>(`SELECT count(*) AS n FROM chat_telemetry WHERE model = 'stolen'`)
    await tenant.query(`UPDATE chat_telemetry SET model = 'stolen' WHERE domain = 'shoes.contoso.example'`)
    const [after] = await database.query<{ n: number }>(`SELECT count(*) AS n FROM chat_telemetry WHERE model = 'stolen'`)
    assert.deepEqual([before, after], [{ n: 0 }, { n: 0 }])
    await assert.rejects(tenant.query(`UPDATE chat_telemetry SET domain = 'shoes.contoso.example'`), /row-level security/)
    for (const statement of ['DELETE FROM chat_telemetry', 'TRUNCATE chat_telemetry', 'UPDATE telemetry_model_hours SET requests = 0', 'SELECT * FROM organizations',
      `INSERT INTO organization_domains VALUES ('x', 'northwind')`, 'SELECT * FROM telemetry_days', 'SELECT * FROM chat_telemetry_rollups']) {
      await assert.rejects(tenant.query(statement), /permission denied/, statement)
    }
  })

  test('a connection that served an organisation serves the owner again', async () => {
    for (let round = 0; round < 12; round++) {
      await database.as('contoso').query('SELECT 1')
      await tenantStore(database.as('contoso')).query('telemetry_domain_hours', { bucket: null, select: ['requests'] })
      await assert.rejects(database.as('contoso').query('SELECT * FROM organizations'))
      const [row] = await database.query<{ organization: string | null; n: number }>('SELECT telemetry_organization() AS organization, count(*) AS n FROM organizations')
      assert.deepEqual([row?.organization ?? '', row?.n], ['', 2])
    }
  })

  test('an id that is none is refused before it reaches the database', () => {
    for (const id of ['', "x'; SET ROLE postgres; --", 'X', 'a b', '-a', 'a'.repeat(64)]) assert.throws(() => database.as(id), /lower case/)
  })

  test('the summaries of an organisation are those of its rows, and rollups of its store add up to them', async () => {
    const owner = storeReader(ownerStore(database))
    for (const { id, domains } of ORGANIZATIONS) {
      const store = tenantStore(database.as(id))
      const own = await fetchDomainSummaries(storeReader(store), NOW)
      assert.deepEqual(own, (await fetchDomainSummaries(owner, NOW)).filter(({ domain }) => domains.includes(domain)))
      const models = await fetchModelSummary(storeReader(store), NOW)
      const uses = models.reduce((sum, { total_uses }) => sum + total_uses, 0)
      const held = await store.load('telemetry_model_hours')
      const [named] = held.query({ end: '2026-11-19T11:00:00Z', bucket: null, group_by: [], where: `model <> 'unknown'`, select: ['requests'] }).rows()
      assert.equal(named?.requests, uses)
      assert.ok(models.every(({ unique_domains }) => unique_domains <= domains.length))
    }
  })
})
