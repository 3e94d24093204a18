/** How long the page takes for a range or a domain, on the rollup of the benchmark's rows, in a real Chromium. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { chromium, type Page } from 'playwright-core'
import { RANGES } from '@/lib/client/range'
import { ROUTES } from '@/lib/contract'

const PORT = '3917'
const ADDRESS = `http://127.0.0.1:${PORT}`
const DOMAINS = ['help.northwind.example', 'shop.northwind.example', "fan's.northwind.example", '']

/** Times of the page, ms. */
export interface PageTimes {
  /** From the request of the page to its first numbers. */
  readonly first: number
  /** The longest that the page's thread was busy without a pause meanwhile. */
  readonly longestTask: number
  /** From a choice of a range or domain to its numbers, one for each. */
  readonly changes: readonly number[]
  /** From a choice of a range to the page that shows it, laid out, one for each. */
  readonly shown: readonly number[]
}

/** Builds and serves the application on a database and looks at it; undefined where there is no Chromium. */
export async function pageTimes(url: string): Promise<PageTimes | undefined> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(executablePath)) return undefined
  const env = { ...process.env, DATABASE_URL: url, TELEMETRY_DEMO: '1', TELEMETRY_SCHEDULE: 'off', NEXT_TELEMETRY_DISABLED: '1' }
  execFileSync('node_modules/.bin/next', ['build'], { env, stdio: 'ignore' })
  const server = spawn('node', ['node_modules/next/dist/bin/next', 'start', '-p', PORT, '-H', '127.0.0.1'], { env, stdio: 'ignore' })
  const ended = once(server, 'exit')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] })
  try {
    const cookie = await signedIn()
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    await context.addCookies([{ name: cookie.split('=')[0] as string, value: cookie.slice(cookie.indexOf('=') + 1), url: ADDRESS }])
    return await looked(await context.newPage())
  } finally {
    await browser.close()
    server.kill()
    await ended
  }
}

async function looked(page: Page): Promise<PageTimes> {
  await page.addInitScript(watchTasks)
  const started = performance.now()
  await page.goto(`${ADDRESS}/dashboard/telemetry`)
  await page.getByTestId('digest').waitFor()
  const first = performance.now() - started
  const longestTask = await page.evaluate(() => Math.max(0, ...(window as unknown as Watched).tasks))
  await page.evaluate(() => performance.clearMeasures())
  const shown: number[] = []
  // each once: the page keeps the answers of what it showed before
  for (const domain of DOMAINS) {
    await page.getByLabel('Domain', { exact: true }).fill(domain)
    await page.getByLabel('Domain', { exact: true }).press('Enter')
    for (const { label } of RANGES) shown.push(await page.getByRole('radio', { name: label }).evaluate(chosen))
  }
  const changes = await page.evaluate(() => performance.getEntriesByName('telemetry-view').map(({ duration }) => duration))
  return { first, longestTask, changes, shown }
}

interface Watched {
  tasks: number[]
}

/** In the page: notes how long its thread was busy at a time, where that was more than 50 ms. */
function watchTasks(): void {
  const watched = window as unknown as Watched
  watched.tasks = []
  new PerformanceObserver((list) => watched.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask', buffered: true })
}

/** In the page: chooses a range and tells how long it took until the page was laid out again. */
async function chosen(input: SVGElement | HTMLElement): Promise<number> {
  const start = performance.now()
  ;(input as HTMLElement).click()
  await Promise.resolve()
  document.body.getBoundingClientRect()
  return performance.now() - start
}

/** The cookie of an organisation, as soon as the server answers. */
async function signedIn(): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  for (let tries = 0; tries < 100; tries++) {
    const response = await fetch(ADDRESS + ROUTES.session, { method: 'POST', headers, body: '{"organization":"northwind"}' }).catch(() => undefined)
    const cookie = response?.headers.getSetCookie()[0]
    if (cookie !== undefined) return cookie.split(';')[0] as string
    await wait(200)
  }
  throw new Error(`the server does not answer at ${ADDRESS}`)
}
