/** Rows that somebody changes or deletes in PostgreSQL, past the application, and a page that is open meanwhile. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { OwnerDatabase } from '@/lib/database/database'
import { openPostgres } from '@/lib/database/postgres'
import { HEADERS, ROUTES } from '@/lib/contract'
import { freshPostgresUrl } from '../data/databases'
import { type Application, NOW, openApplication } from './application'
import { card, digest, look, type Looking, ready } from './looking'

const PAGE = '/dashboard/telemetry?range=7d'
/** The newest request of a domain that is so many hours old. */
const ONE = `SELECT id FROM chat_telemetry WHERE domain = 'help.northwind.example'
  AND created_at < $1::timestamptz - make_interval(hours => $2) ORDER BY created_at DESC LIMIT 1`

/** Expects the application to be built. */
export function testChanges(): void {
  const skip = process.env.ISOFOLD_POSTGRES === undefined ? 'ISOFOLD_POSTGRES is not set' : false
  describe('changes in PostgreSQL', { skip }, () => {
    let application: Application
    let database: OwnerDatabase
    before(async () => {
      const url = await freshPostgresUrl()
      application = await openApplication(3000, { url, isBuilt: true })
      database = openPostgres(url)
    })
    after(async () => {
      await database?.close()
      await application?.close()
    })

    /** Waits until the page has what the server has, by an event and not by loading anew. */
    async function agreed(looking: Looking, digestBefore: string): Promise<void> {
      await looking.page.waitForFunction((known) => document.querySelector('[data-testid=digest]')?.textContent !== known, digestBefore)
      await looking.page.getByText('Agrees with the server').waitFor()
      const response = await fetch(application.address + ROUTES.rollup, { headers: { cookie: await application.cookie('northwind') } })
      assert.equal(await digest(looking), response.headers.get(HEADERS.digest))
      assert.equal(looking.requests.filter((request) => request.startsWith(ROUTES.rollup)).length, 1)
    }

    for (const [what, hours] of Object.entries({ 'of the running hour': 0, 'of an hour that was stored long ago': 60 })) {
      it(`an UPDATE of a row ${what} reaches an open page`, async () => {
        await look(application, PAGE, {}, async (looking) => {
          await ready(looking)
          const [requests, digestBefore] = [await card(looking, 'Total requests'), await digest(looking)]
          await database.query(`UPDATE chat_telemetry SET model = $3 WHERE id = (${ONE})`, [NOW, hours, `corrected-${hours}`])
          await looking.page.getByRole('rowheader', { name: `corrected-${hours}` }).waitFor()
          await agreed(looking, digestBefore)
          assert.equal(await card(looking, 'Total requests'), requests)
        })
      })

      it(`a DELETE of a row ${what} reaches an open page`, async () => {
        await look(application, PAGE, {}, async (looking) => {
          await ready(looking)
          const [requests, digestBefore] = [Number((await card(looking, 'Total requests')).replaceAll(',', '')), await digest(looking)]
          await database.query(`DELETE FROM chat_telemetry WHERE id = (${ONE})`, [NOW, hours])
          await agreed(looking, digestBefore)
          assert.equal(Number((await card(looking, 'Total requests')).replaceAll(',', '')), requests - 1)
        })
      })
    }
  })
}
