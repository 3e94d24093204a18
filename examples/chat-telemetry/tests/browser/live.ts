/** Updates: rows that others write appear by themselves, and what does not fit changes nothing. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Rollup } from 'isofold'
import type { Page } from 'playwright-core'
import { PAGE_SPEC } from '@/lib/catalog'
import { HEADERS, ROUTES } from '@/lib/contract'
import { type Application, NOW } from './application'
import { card, digest, look, ready } from './looking'

const PAGE = '/dashboard/telemetry'
const REQUEST = { domain: 'help.northwind.example', model: 'gpt-5-mini', inputTokens: 900, outputTokens: 120, durationMs: 840 }

/** Answers the live stream with one event and leaves it at that; the page asks again after `retry` milliseconds. */
async function streaming(page: Page, event: string, data: unknown, retry = 3000): Promise<void> {
  const text = typeof data === 'string' ? data : JSON.stringify(data)
  const body = `retry: ${retry}\nevent: ${event}\ndata: ${text}\n\n`
  await page.route(`**${ROUTES.live}*`, (route) => route.fulfill({ headers: { 'content-type': 'text/event-stream' }, body }))
}

async function rollupOf(application: Application): Promise<{ rollup: Rollup; digest: string }> {
  const response = await fetch(application.address + ROUTES.rollup, { headers: { cookie: await application.cookie('northwind') } })
  return { rollup: Rollup.decode(await response.arrayBuffer()), digest: response.headers.get(HEADERS.digest) ?? '' }
}

const base64 = (rollup: Rollup): string => Buffer.from(rollup.encode()).toString('base64')
const number = (text: string): number => Number(text.replaceAll(',', ''))

export function testLive(now: () => Application): void {
  describe('live updates', () => {
    it('a recorded request appears, and the digest stays the one of the server', async () => {
      await look(now(), `${PAGE}?range=24h`, {}, async (looking) => {
        await ready(looking)
        const [before, digestBefore] = [number(await card(looking, 'Total requests')), await digest(looking)]
        await now().record('northwind', { ...REQUEST, sessionId: 'live-1' })
        await looking.page.getByRole('region', { name: 'Total requests' }).getByText(String(before + 1), { exact: true }).waitFor()
        await looking.page.getByText('Agrees with the server').waitFor()
        assert.notEqual(await digest(looking), digestBefore)
        assert.equal(await digest(looking), (await rollupOf(now())).digest)
        assert.equal(looking.requests.filter((request) => request.startsWith(ROUTES.rollup)).length, 1)
      })
    })

    it('requests of other organisations do not appear', async () => {
      await look(now(), `${PAGE}?range=24h`, {}, async (looking) => {
        await ready(looking)
        const before = await digest(looking)
        await now().record('contoso', { ...REQUEST, domain: 'kids.contoso.example', sessionId: 'live-2' })
        await now().record('northwind', { ...REQUEST, sessionId: 'live-3' })
        await looking.page.waitForFunction((known) => document.querySelector('[data-testid=digest]')?.textContent !== known, before)
        assert.equal(await digest(looking), (await rollupOf(now())).digest)
        assert.equal(await looking.page.getByText('contoso').count(), 0)
      })
    })

    it('running chats are shown', async () => {
      await look(now(), PAGE, {}, async (looking) => {
        await ready(looking)
        const headers = { cookie: await now().cookie('northwind'), 'content-type': 'application/json' }
        const body = JSON.stringify({ sessionId: 'chat-77', domain: REQUEST.domain, model: 'gpt-4.1', inputTokens: 500, outputTokens: 50 })
        const response = await fetch(now().address + ROUTES.sessions, { method: 'POST', headers, body })
        assert.ok(response.ok, await response.text())
        await looking.page.getByRole('region', { name: 'Live sessions' }).getByText('chat-77').waitFor()
        assert.notEqual(await card(looking, 'Active sessions'), '0')
      })
    })

    it('hours that were corrected are replaced', async () => {
      const { rollup } = await rollupOf(now())
      const [start, end] = ['2026-11-20T10:00:00Z', '2026-11-20T13:00:00Z']
      const removed = rollup.slice(start, end).stats().rows
      assert.ok(removed > 0)
      rollup.replace(start, end, new Rollup(PAGE_SPEC))
      const data = { start, end, bytes: base64(new Rollup(PAGE_SPEC)), digest: rollup.digest() }
      await look(now(), `${PAGE}?range=24h`, { before: (page) => streaming(page, 'replace', data) }, async (looking) => {
        await looking.page.getByText(rollup.digest()).waitFor()
        await looking.page.getByText('Agrees with the server').waitFor()
        const remaining = rollup.slice('2026-11-19T15:00:00Z', '2026-11-20T15:00:00Z').stats().rows
        assert.equal(number(await card(looking, 'Total requests')), remaining)
      })
    })

    const good = new Rollup(PAGE_SPEC)
    good.ingest([{ created_at: NOW, domain: 'x', model: 'y' }])
    const other = new Rollup({ name: 'other', columns: { ts: 'timestamp' }, time: 'ts', bucket: '1 hour', select: { n: 'count(*)' } })
    other.ingest([{ ts: NOW }])
    const hostile: Record<string, unknown> = {
      'text that is not JSON': '<script>alert(1)</script>',
      'bytes that are not base64': { bytes: '%%%', digest: '0'.repeat(64) },
      'bytes cut short': { bytes: base64(good).slice(0, 40), digest: '0'.repeat(64) },
      'a rollup of something else': { bytes: base64(other), digest: '0'.repeat(64) },
      'rows that the server does not have': { bytes: base64(good), digest: '0'.repeat(64) },
    }
    for (const [what, data] of Object.entries(hostile)) {
      it(`${what}: a message, the numbers from before, and a way to load again`, async () => {
        const { digest: known } = await rollupOf(now())
        await look(now(), PAGE, { before: (page) => streaming(page, 'delta', data) }, async (looking) => {
          await looking.page.getByRole('alert').getByText('was not taken in').waitFor()
          assert.equal(await digest(looking), known)
          assert.equal(await looking.page.getByText('alert(1)').count(), 0)
          await looking.page.getByRole('radio', { name: 'Last 90 days' }).check({ force: true })
          assert.notEqual(await card(looking, 'Total requests'), '0')
          await looking.page.unroute(`**${ROUTES.live}*`)
          await looking.page.getByRole('button', { name: 'Load again' }).click()
          await ready(looking)
          assert.equal(await looking.page.getByRole('alert').getByText('was not taken in').count(), 0)
        })
      })
    }

    it('a large rollup is compared in pauses, and what was wrong is taken back then', async () => {
      const large = new Rollup(PAGE_SPEC)
      const hour = (at: number): Date => new Date(Date.parse(NOW) - at * 3_600_000)
      large.ingest(Array.from({ length: 22_000 }, (_, at) => ({ created_at: hour(at % 2000), domain: `${at % 11}`, model: 'y' })))
      const [loaded, body] = [large.digest(), Buffer.from(large.encode())]
      large.merge(good)
      const headers = { [HEADERS.digest]: loaded, [HEADERS.cursor]: '0', [HEADERS.now]: NOW }
      for (const right of [large.digest(), '0'.repeat(64)]) {
        const before = async (page: Page): Promise<void> => {
          await page.route(`**${ROUTES.rollup}`, (route) => route.fulfill({ body, headers }))
          await streaming(page, 'delta', { bytes: base64(good), digest: right }, 60_000)
        }
        await look(now(), PAGE, { before }, async (looking) => {
          await looking.page.getByText('Not compared since the last update').waitFor()
          if (right === large.digest()) {
            await looking.page.getByText('Agrees with the server').waitFor()
            assert.equal(await digest(looking), right)
          } else {
            await looking.page.getByRole('alert').getByText('was not taken in').waitFor()
            assert.equal(await digest(looking), loaded)
          }
        })
      }
    })

    it('a stream that answers with an error is tried again', async () => {
      const before = (page: Page): Promise<unknown> => page.route(`**${ROUTES.live}*`, (route) => route.fulfill({ status: 503, json: {} }))
      await look(now(), PAGE, { before }, async (looking) => {
        await looking.page.getByText('Reconnecting').waitFor()
        await looking.page.unroute(`**${ROUTES.live}*`)
        await ready(looking)
      })
    })

    it('a reset loads the rollup anew', async () => {
      await look(now(), PAGE, { before: (page) => streaming(page, 'reset', { reason: 'cursor' }) }, async (looking) => {
        await looking.page.getByTestId('digest').waitFor()
        await looking.page.waitForRequest(`**${ROUTES.live}*`)
        await looking.page.unroute(`**${ROUTES.live}*`)
        await ready(looking)
        assert.ok(looking.requests.filter((request) => request.startsWith(ROUTES.rollup)).length > 1)
      })
    })

    it('offline, ranges still answer; back online, updates go on', async () => {
      await look(now(), PAGE, {}, async (looking) => {
        await ready(looking)
        await looking.page.context().setOffline(true)
        await looking.page.getByRole('alert').getByText('You are offline').waitFor()
        const before = await card(looking, 'Total requests')
        await looking.page.getByRole('radio', { name: 'Last 90 days' }).check({ force: true })
        assert.notEqual(await card(looking, 'Total requests'), before)
        await looking.page.getByRole('button', { name: 'Refresh' }).click()
        assert.notEqual(await card(looking, 'Total requests'), before)
        await looking.page.context().setOffline(false)
        await ready(looking)
        assert.equal(await looking.page.getByRole('alert').getByText('You are offline').count(), 0)
      })
    })
  })
}
