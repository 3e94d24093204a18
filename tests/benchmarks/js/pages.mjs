/** The time to a first answer in a page of headless Chromium, once the bytes are there: prints one line of JSON. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { whileOpen } from '../../../tools/chromium.mjs'

const TIMES = 5
const WAIT_MS = 60_000

const here = dirname(fileURLToPath(import.meta.url))
const duckdb = join(here, 'node_modules/@duckdb/duckdb-wasm/dist')
const FILES = {
  '/isofold.wasm': [join(here, '../../../pkg/npm/dist/isofold.wasm'), 'application/wasm'],
  '/duckdb-eh.wasm': [join(duckdb, 'duckdb-eh.wasm'), 'application/wasm'],
  '/duckdb-browser-eh.worker.js': [join(duckdb, 'duckdb-browser-eh.worker.js'), 'text/javascript'],
}
const PAGES = {
  'isofold (wasm inlined)': 'isofold.mjs',
  'isofold/slim and isofold.wasm': 'isofold_slim.mjs',
  arquero: 'arquero.mjs',
  '@duckdb/duckdb-wasm': 'duckdb.mjs',
}

const html = Object.fromEntries(
  await Promise.all(Object.values(PAGES).map(async (file) => [`/${file}`, await pageOf(file)])),
)
const server = createServer(({ url }, response) => {
  if (html[url] !== undefined) return response.writeHead(200, { 'content-type': 'text/html' }).end(html[url])
  const [file, type] = FILES[url] ?? []
  if (file === undefined) return response.writeHead(404).end()
  response.writeHead(200, { 'content-type': type }).end(readFileSync(file))
})
await new Promise((done) => server.listen(0, '127.0.0.1', done))
try {
  const { version, found } = await whileOpen(chromium, async (browser) => {
    const found = {}
    for (let time = 0; time < TIMES; time++) {
      for (const [name, file] of Object.entries(PAGES)) (found[name] ??= []).push(await first(browser, `/${file}`))
    }
    return { version: browser.browser()?.version() ?? '', found }
  })
  const median = (times) => times.sort((a, b) => a - b)[TIMES >> 1]
  const ms = Object.fromEntries(Object.entries(found).map(([name, times]) => [name, median(times)]))
  console.log(JSON.stringify({ browser: version, ms }))
} finally {
  server.closeAllConnections()
  server.close()
}

async function first(browser, path) {
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${server.address().port}${path}`)
  await page.waitForFunction(() => document.title !== '', undefined, { timeout: WAIT_MS })
  const { ms, answer, error } = JSON.parse(await page.title())
  await page.close()
  if (error !== undefined) throw new Error(`${path}: ${error}`)
  if (answer !== 51) throw new Error(`${path}: ${answer} groups instead of 51`)
  return ms
}

async function pageOf(file) {
  const options = { bundle: true, minify: true, format: 'iife', platform: 'browser', conditions: ['browser'], target: 'es2022', write: false }
  const { outputFiles } = await build({ ...options, entryPoints: [join(here, 'pages', file)] })
  const script = outputFiles[0].text.replaceAll('</script', '<\\/script')
  return `<!doctype html><meta charset="utf-8"><title></title><script>startedAt = performance.now()</script><script>${script}</script>`
}
