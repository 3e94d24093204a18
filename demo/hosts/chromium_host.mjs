/** Headless Chromium: `chromium_host.mjs SPEC.json ROWS.arrow` prints a report as one line of JSON. */
import { createReadStream } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { whileOpen } from '../../tools/chromium.mjs'

const FOLDING_MS = 300_000

const [specPath, dataPath] = process.argv.slice(2)
const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL('./page.mjs', import.meta.url))],
  bundle: true,
  format: 'iife',
  conditions: ['browser'],
  target: 'es2022',
  write: false,
})
const page = `<!doctype html><meta charset="utf-8"><title></title><script>${outputFiles[0].text.replaceAll('</script', '<\\/script')}</script>`
const files = { '/spec.json': specPath, '/rows.arrow': dataPath }

const server = createServer(({ url }, response) => {
  if (url === '/') return response.writeHead(200, { 'content-type': 'text/html' }).end(page)
  if (files[url] === undefined) return response.writeHead(404).end()
  createReadStream(files[url]).pipe(response)
})
await new Promise((done) => server.listen(0, '127.0.0.1', done))

try {
  const report = await whileOpen(chromium, async (browser) => {
    const tab = await browser.newPage()
    await tab.goto(`http://127.0.0.1:${server.address().port}/`)
    await tab.waitForFunction(() => document.title !== '', undefined, { timeout: FOLDING_MS })
    return { version: browser.browser()?.version() ?? '', ...JSON.parse(await tab.title()) }
  })
  if (report.error !== undefined) throw new Error(report.error)
  console.log(JSON.stringify(report))
} finally {
  server.closeAllConnections()
  server.close()
}
