/** What is shown while there are no numbers, and who gets in. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Rollup } from 'isofold'
import type { Page } from 'playwright-core'
import { PAGE_SPEC } from '@/lib/catalog'
import { HEADERS, ROUTES } from '@/lib/contract'
import { type Application, NOW } from './application'
import { assertAccessible, look, ready } from './looking'

const PAGE = '/dashboard/telemetry'
const ROLLUP = `**${ROUTES.rollup}`

export function testStates(now: () => Application): void {
  describe('states', () => {
    it('while it loads, the page has the shape that it will have', async () => {
      let release = (): void => undefined
      const held = new Promise<void>((done) => (release = done))
      const before = (page: Page): Promise<unknown> => page.route(ROLLUP, async (route) => held.then(() => route.continue()))
      await look(now(), PAGE, { before }, async (looking) => {
        await looking.page.getByRole('status', { name: 'Loading chat telemetry' }).waitFor()
        await assertAccessible(looking)
        release()
        await ready(looking)
        assert.equal(await looking.page.getByRole('status', { name: 'Loading chat telemetry' }).count(), 0)
      })
    })

    it('an error of the server is told in its words, and can be tried again', async () => {
      const json = { error: { code: 'database.unavailable', message: 'the database cannot be reached', path: '' } }
      await look(now(), PAGE, { before: (page) => page.route(ROLLUP, (route) => route.fulfill({ status: 503, json })) }, async (looking) => {
        await looking.page.getByRole('alert').getByText('the database cannot be reached').waitFor()
        await assertAccessible(looking)
        await looking.page.unroute(ROLLUP)
        await looking.page.getByRole('button', { name: 'Try again' }).click()
        await ready(looking)
      })
    })

    it('a server that cannot be reached is told', async () => {
      await look(now(), PAGE, { before: (page) => page.route(ROLLUP, (route) => route.abort()) }, async ({ page }) => {
        await page.getByRole('alert').getByText('The server cannot be reached').waitFor()
      })
    })

    it('bytes that are no rollup are told', async () => {
      const body = Buffer.from('<html>a captive portal</html>')
      await look(now(), PAGE, { before: (page) => page.route(ROLLUP, (route) => route.fulfill({ body })) }, async ({ page }) => {
        await page.getByRole('alert').getByText('What the server sent cannot be read').waitFor()
      })
    })

    it('an organisation without requests is told how they come', async () => {
      const empty = new Rollup(PAGE_SPEC)
      const headers = { [HEADERS.digest]: empty.digest(), [HEADERS.cursor]: '0', [HEADERS.now]: NOW }
      const body = Buffer.from(empty.encode())
      await look(now(), PAGE, { before: (page) => page.route(ROLLUP, (route) => route.fulfill({ body, headers })) }, async (looking) => {
        await looking.page.getByRole('heading', { name: 'No chat requests yet' }).waitFor()
        await looking.page.getByText('No rollup yet').waitFor()
        await assertAccessible(looking)
      })
    })

    it('who is not signed in comes to the sign-in page, and from there to their own numbers', async () => {
      await look(now(), PAGE, { organization: null }, async (looking) => {
        await looking.page.waitForURL('**/sign-in')
        await looking.page.getByRole('button', { name: 'Contoso Shops' }).waitFor()
        await assertAccessible(looking)
        await looking.page.getByRole('button', { name: 'Contoso Shops' }).click()
        await ready(looking)
        const domains = await looking.page.getByRole('region', { name: 'Domains' }).getByRole('rowheader').allTextContents()
        assert.ok(domains.length > 0 && domains.every((domain) => domain.endsWith('.contoso.example')), String(domains))
        await looking.page.getByRole('button', { name: 'Sign out' }).click()
        await looking.page.waitForURL('**/sign-in')
        await looking.page.goto(now().address + PAGE)
        await looking.page.waitForURL('**/sign-in')
      })
    })

    it('a session that ends while the page is open leads to the sign-in page', async () => {
      await look(now(), PAGE, {}, async (looking) => {
        await ready(looking)
        await looking.page.context().clearCookies()
        await looking.page.getByRole('button', { name: 'Refresh' }).click()
        await looking.page.waitForURL('**/sign-in')
      })
    })

    it('nothing that a page asks for is missing', async () => {
      const missing: string[] = []
      const before = async (page: Page): Promise<void> => void page.on('response', (response) => response.status() >= 400 && missing.push(response.url()))
      await look(now(), PAGE, { before }, ready)
      assert.deepEqual(missing, [])
    })

    it('an address without a page says so', async () => {
      await look(now(), '/no/such/page', {}, async (looking) => {
        await looking.page.getByRole('heading', { name: 'There is no such page' }).waitFor()
        await assertAccessible(looking)
      })
    })
  })
}
