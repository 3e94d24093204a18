/** Loads built pages in a real headless Chromium. */
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { extname, join, normalize } from 'node:path'
import { whileOpen } from '../../tools/chromium.mjs'

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' }

/** The report that the page at `address` puts into `document.title`; `folder` is a project with playwright-core. */
export async function titleReport(folder, address) {
  const { chromium } = createRequire(join(folder, 'package.json'))('playwright-core')
  return whileOpen(chromium, async (browser) => {
    const page = await browser.newPage()
    const problems = []
    page.on('pageerror', (error) => problems.push(error.stack ?? String(error)))
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    await page.goto(address)
    await page.waitForFunction(() => document.title.startsWith('{'), undefined, { timeout: 20_000 }).catch(() => {
      throw new Error(`the page reports nothing\n${problems.join('\n')}`)
    })
    return JSON.parse(await page.title())
  })
}

/** Serves the files of a folder while `work(address)` goes on. */
export async function whileHosting(folder, work) {
  const server = createServer(({ url }, response) => {
    const path = normalize(new URL(url, 'http://host').pathname)
    const file = join(folder, path === '/' ? 'index.html' : path)
    if (!existsSync(file)) return response.writeHead(404).end()
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(readFileSync(file))
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  try {
    return await work(`http://127.0.0.1:${server.address().port}/`)
  } finally {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  }
}
