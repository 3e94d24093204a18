/** The dashboard for keys, screen readers, narrow screens, both themes and eyes that tell no colours apart. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import type { Application } from './application'
import { assertAccessible, assertNoSidewaysScroll, card, look, ready } from './looking'

const PAGE = '/dashboard/telemetry'

/** The luminances of the surface and of the five steps of cost, 0 to 1. */
async function luminances(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D
    const probe = document.body.appendChild(document.createElement('i'))
    return ['--surface', '--heat-1', '--heat-2', '--heat-3', '--heat-4', '--heat-5'].map((name) => {
      probe.style.color = `var(${name})`
      canvas.fillStyle = getComputedStyle(probe).color
      canvas.fillRect(0, 0, 1, 1)
      const [red = 0, green = 0, blue = 0] = [...canvas.getImageData(0, 0, 1, 1).data].map((each) => {
        const part = each / 255
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    })
  })
}

function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}

export function testAccess(now: () => Application): void {
  describe('access', () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`axe finds nothing in the ${colorScheme} theme`, async () => {
        await look(now(), `${PAGE}?range=90d`, { colorScheme }, async (looking) => {
          await ready(looking)
          await looking.page.getByText('Numbers as a table').click()
          await assertAccessible(looking)
        })
      })

      it(`costs differ in lightness alone, and all stand out, in the ${colorScheme} theme`, async () => {
        await look(now(), PAGE, { colorScheme }, async ({ page }) => {
          const [surface = 0, ...steps] = await luminances(page)
          const contrasts = steps.map((step) => contrast(step, surface))
          assert.ok((contrasts[0] ?? 0) >= 3, `the faintest bar has a contrast of ${contrasts[0]}`)
          contrasts.reduce((before, each) => {
            assert.ok(each / before >= 1.3, `${each} is too near to ${before}`)
            return each
          })
        })
      })
    }

    it('keys reach everything: ranges, the domain, bars, the table', async () => {
      await look(now(), `${PAGE}?range=24h`, {}, async (looking) => {
        await ready(looking)
        const { page } = looking
        const before = await card(looking, 'Total requests')
        for (const name of ['Dark theme', 'Sign out', 'Last 24 hours']) {
          await page.keyboard.press('Tab')
          assert.equal(await focused(page), name)
        }
        await page.keyboard.press('ArrowRight')
        assert.equal(await focused(page), 'Last 7 days')
        assert.notEqual(await card(looking, 'Total requests'), before)
        await page.keyboard.press('Tab')
        await page.keyboard.type('shop.northwind.example')
        assert.equal(new URL(page.url()).searchParams.get('domain'), 'shop.northwind.example')

        const bars = page.getByRole('slider')
        await bars.focus()
        const newest = await bars.getAttribute('aria-valuetext')
        await page.keyboard.press('ArrowLeft')
        assert.match((await bars.getAttribute('aria-valuetext')) ?? '', /^Nov 20, 13:00–14:00: \d+ requests, \$/)
        await page.keyboard.press('End')
        assert.equal(await bars.getAttribute('aria-valuetext'), newest)
        await page.keyboard.press('Home')
        assert.match((await bars.getAttribute('aria-valuetext')) ?? '', /^Nov 13, 15:00/)
        await page.keyboard.press('Tab')
        await page.keyboard.press('Enter')
        await page.getByRole('region', { name: 'Numbers of the trend' }).waitFor()
      })
    })

    for (const range of ['24h', '90d']) {
      it(`fits 320 pixels with ${range}`, async () => {
        await look(now(), `${PAGE}?range=${range}`, { viewport: { width: 320, height: 640 } }, async (looking) => {
          await ready(looking)
          await assertNoSidewaysScroll(looking)
          await assertAccessible(looking)
        })
      })
    }

    it('the switch overrules the theme of the system, and is remembered', async () => {
      const dark = (page: Page): Promise<string> => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)
      await look(now(), PAGE, { colorScheme: 'dark' }, async (looking) => {
        await ready(looking)
        const theme = looking.page.getByRole('switch', { name: 'Dark theme' })
        assert.equal(await theme.getAttribute('aria-checked'), 'true')
        await theme.click()
        assert.equal(await theme.getAttribute('aria-checked'), 'false')
        assert.equal(await dark(looking.page), 'light')
        await looking.page.reload()
        assert.equal(await dark(looking.page), 'light')
      })
    })

    it('nothing moves for those who want it so', async () => {
      await look(now(), PAGE, { reducedMotion: 'reduce' }, async (looking) => {
        await ready(looking)
        const moving = await looking.page.evaluate(() =>
          [...document.querySelectorAll('*')].filter((each) => {
            const { transitionDuration, animationName, animationDuration } = getComputedStyle(each)
            return Number.parseFloat(transitionDuration) > 0.001 || (animationName !== 'none' && Number.parseFloat(animationDuration) > 0.001)
          }).length,
        )
        assert.equal(moving, 0)
      })
    })
  })
}

/** What a screen reader calls the focused element. */
async function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement
    const { labels } = element as HTMLInputElement
    return element.ariaLabel ?? labels?.[0]?.querySelector('.visually-hidden')?.textContent ?? element.textContent ?? ''
  })
}
