/**
 * The JavaScript hosts: how each is started with the package installed and the payload in its folder.
 *
 * Not here: what they run (`js/`), where their tools come from (`../packaging/project.mjs`).
 */
import { cpSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { titleReport, whileHosting } from '../packaging/chromium.mjs'
import { freePort, reported, run, whileServing } from '../packaging/project.mjs'

const imports = `
  import * as isofold from 'isofold'
  import * as slim from 'isofold/slim'
  import { runAll } from './js/cases.mjs'
`
const main = (labels) => `${imports}
  import { readFileSync } from 'node:fs'
  const payload = JSON.parse(readFileSync('payload.json', 'utf8'))
  console.log(JSON.stringify(await runAll(isofold, slim, ${JSON.stringify(labels)}, payload)))
`
const page = `${imports}
  const payload = await (await fetch('payload.json')).json()
  const failed = (error) => ({ failed: 1, failures: [String(error?.stack ?? error)] })
  document.title = JSON.stringify(await runAll(isofold, slim, ['javascript', 'browser'], payload).catch(failed))
`
const worker = `${imports}
  export default {
    async fetch(request) {
      if (request.method !== 'POST') return new Response('ready')
      const failed = (error) => ({ failed: 1, failures: [String(error?.stack ?? error)] })
      return Response.json(await runAll(isofold, slim, ['javascript'], await request.json()).catch(failed))
    },
  }
`
const workerdConfig = (port) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "out/worker.js"), (name = "./isofold.wasm", wasm = embed "out/isofold.wasm")],
    compatibilityDate = "2025-09-01",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`

async function node(project) {
  const folder = project('node', { 'main.mjs': main(['javascript', 'native']) })
  return reported(await run(folder, 'node', ['main.mjs']))
}

/** Without the addon in its package; `isofold/native` then says so. */
async function nodeWasm(project) {
  const insisting = `await import('isofold/native').then(() => console.log('loaded'), ({ code }) => console.log(code))`
  const folder = project('node-wasm', { 'main.mjs': main(['javascript']), 'native.mjs': insisting })
  rmSync(join(folder, 'node_modules/isofold/dist/native'), { recursive: true })
  const code = (await run(folder, 'node', ['native.mjs'])).trim()
  if (code !== 'host.backend') throw new Error(`isofold/native without the addon must give host.backend, got ${code}`)
  return reported(await run(folder, 'node', ['main.mjs']))
}

async function bun(project) {
  const folder = project('bun', { 'main.mjs': main(['javascript', 'native']) })
  return reported(await run(folder, 'node_modules/.bin/bun', ['main.mjs']))
}

async function deno(project) {
  const folder = project('deno', { 'main.mjs': main(['javascript']) })
  return reported(await run(folder, 'node_modules/.bin/deno', ['run', '--no-prompt', '--allow-read=.', 'main.mjs']))
}

async function bundled(folder, entry, options) {
  const { build } = createRequire(join(folder, 'package.json'))('esbuild')
  await build({ absWorkingDir: folder, entryPoints: [entry], bundle: true, format: 'esm', outdir: 'out', logLevel: 'silent', ...options })
}

async function workerd(project, payload) {
  const port = await freePort()
  const folder = project('workerd', { 'worker.js': worker, 'config.capnp': workerdConfig(port) })
  const compiled = {
    name: 'compiled-wasm',
    setup(builder) {
      builder.onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) => {
        const file = path.replace('?module', '')
        cpSync(join(resolveDir, file), join(folder, 'out', basename(file)))
        return { path: `./${basename(file)}`, external: true }
      })
    },
  }
  await bundled(folder, 'worker.js', { conditions: ['workerd', 'worker', 'browser'], plugins: [compiled] })
  const address = `http://127.0.0.1:${port}/`
  return whileServing(folder, 'node_modules/.bin/workerd', ['serve', 'config.capnp'], address, async () => {
    const answer = await fetch(address, { method: 'POST', body: payload })
    return answer.json()
  })
}

async function chromium(project, payload) {
  const html = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="out/page.js"></script>'
  const folder = project('chromium', { 'page.js': page, 'index.html': html })
  await bundled(folder, 'page.js', { target: 'es2022' })
  return whileHosting(folder, (address) => titleReport(folder, address))
}

/** Every host by name, with the backend that it must have. */
export const hosts = {
  node: { backend: 'native', start: node },
  'node-wasm': { backend: 'wasm', start: nodeWasm },
  deno: { backend: 'wasm', start: deno },
  bun: { backend: 'native', start: bun },
  workerd: { backend: 'wasm', start: workerd },
  chromium: { backend: 'wasm', start: chromium },
}
