/** Cloudflare's workerd: `workerd_host.mjs SPEC.json ROWS.arrow WORKERD` prints a report as one line of JSON. */
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { isRepeated, median } from './fold.mjs'

const STARTING_MS = 20_000

const [specPath, dataPath, workerd] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'isofold-demo-'))
const port = await freePort()
const address = `http://127.0.0.1:${port}`

await build({
  entryPoints: [fileURLToPath(new URL('./worker.mjs', import.meta.url))],
  bundle: true,
  format: 'esm',
  outfile: join(folder, 'worker.js'),
  conditions: ['workerd', 'worker', 'browser'],
  // The host compiles wasm that is imported; a bundler has to leave it alone.
  plugins: [{ name: 'wasm', setup: (builder) => builder.onResolve({ filter: /\.wasm$/ }, () => ({ path: './isofold.wasm', external: true })) }],
})
cpSync(fileURLToPath(new URL('./node_modules/isofold/dist/isofold.wasm', import.meta.url)), join(folder, 'isofold.wasm'))
writeFileSync(
  join(folder, 'config.capnp'),
  `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "worker.js"), (name = "./isofold.wasm", wasm = embed "isofold.wasm")],
    compatibilityDate = "2025-09-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`,
)

const version = execFileSync(workerd, ['--version'], { encoding: 'utf8' }).trim().replace(/^workerd /, '')
const server = spawn(workerd, ['serve', 'config.capnp'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
const ended = new Promise((done) => server.once('exit', done))
try {
  await untilAnswered()
  await asked('/spec', readFileSync(specPath))
  await asked('/rows', readFileSync(dataPath))
  const seconds = []
  let report
  do {
    const started = performance.now()
    report = await asked('/fold')
    seconds.push((performance.now() - started) / 1000)
  } while (isRepeated(seconds))
  console.log(JSON.stringify({ version, ...report, seconds: median(seconds) }))
} finally {
  server.kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true, force: true })
}

async function asked(path, body) {
  const response = await fetch(address + path, { method: 'POST', body })
  const report = await response.json()
  if (report.error !== undefined) throw new Error(report.error)
  return report
}

async function untilAnswered() {
  for (const deadline = performance.now() + STARTING_MS; performance.now() < deadline && server.exitCode === null; ) {
    try {
      return await asked('/')
    } catch {
      await new Promise((done) => setTimeout(done, 50))
    }
  }
  throw new Error('workerd does not answer')
}

async function freePort() {
  const probe = createServer()
  await new Promise((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address()
  await new Promise((done) => probe.close(done))
  return port
}
