/** What a reader does and sees: a signed-in page, and what it asked the server. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BrowserContext, Page } from 'playwright-core'
import type { Application } from './application'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** An open page. */
export interface Looking {
  readonly page: Page
  /** Path and query of every request to the server so far, oldest first. */
  readonly requests: string[]
  /** Errors of scripts and of the console. */
  readonly problems: string[]
}

interface Options {
  readonly viewport?: { readonly width: number; readonly height: number }
  readonly colorScheme?: 'light' | 'dark'
  readonly reducedMotion?: 'reduce'
  /** Pixels for one, 1 unless told otherwise. */
  readonly deviceScaleFactor?: number
  /** Who is signed in; nobody when null. */
  readonly organization?: string | null
  /** Prepares the page before it is opened. */
  readonly before?: (page: Page) => Promise<unknown>
}

/** Opens `path`, lets `work` look, and insists that no script failed. */
export async function look(application: Application, path: string, options: Options, work: (looking: Looking) => Promise<void>): Promise<void> {
  const { organization = 'northwind', before, viewport = { width: 1280, height: 900 }, colorScheme = 'light', reducedMotion = 'no-preference' } = options
  const { address } = application
  const context = await contextOf(application, options)
  await context.clearCookies()
  if (organization !== null) {
    const [name, value] = (await application.cookie(organization)).split('=') as [string, string]
    await context.addCookies([{ name, value, url: address }])
  }
  const page = await context.newPage()
  try {
    page.setDefaultTimeout(20_000)
    await page.setViewportSize(viewport)
    await page.emulateMedia({ colorScheme, reducedMotion })
    const looking: Looking = { page, requests: [], problems: [] }
    page.on('request', (request) => request.url().startsWith(address) && looking.requests.push(request.url().slice(address.length)))
    page.on('pageerror', (error) => looking.problems.push(error.stack ?? String(error)))
    await before?.(page)
    await page.goto(address + path)
    await work(looking)
    assert.deepEqual(looking.problems, [])
    await page.evaluate(() => localStorage.clear())
  } finally {
    await context.setOffline(false)
    await page.close()
  }
}

/** The context that all pages share, unless a page needs another kind of screen. */
async function contextOf({ context }: Application, { deviceScaleFactor }: Options): Promise<BrowserContext> {
  const browser = context.browser()
  return deviceScaleFactor === undefined || browser === null ? context : browser.newContext({ deviceScaleFactor })
}

/** Waits until the dashboard has numbers, and for the live stream. */
export async function ready({ page }: Looking): Promise<void> {
  await page.getByTestId('digest').waitFor()
  await page.getByText('Live', { exact: true }).waitFor()
}

/** The number on a card. */
export async function card({ page }: Looking, title: string): Promise<string> {
  const value = await page.getByRole('region', { name: title, exact: true }).getByTestId('value').textContent()
  return value ?? ''
}

/** The digest that the page shows. */
export async function digest({ page }: Looking): Promise<string> {
  return (await page.getByTestId('digest').textContent()) ?? ''
}

/** Insists that axe finds nothing against WCAG 2.2 AA. */
export async function assertAccessible({ page }: Looking): Promise<void> {
  await page.evaluate(AXE)
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> } }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const { violations: found } = await axe.run({ runOnly: { type: 'tag', values: tags } })
    return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
  })
  assert.deepEqual(violations, [])
}

/** Insists that nothing is wider than the page. */
export async function assertNoSidewaysScroll({ page }: Looking): Promise<void> {
  const [content, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth])
  assert.equal(content, window_)
}
