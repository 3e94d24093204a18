/** Cloudflare's workerd, bundled as wrangler bundles: conditions workerd, worker, browser; imported wasm compiled. */
import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { freePort, getJson, whileServing } from '../project.mjs'

const worker = `
  import * as isofold from 'isofold'
  import { report } from './program.mjs'
  export default {
    async fetch() {
      try { return Response.json(await report(isofold)) } catch (error) { return new Response(error.stack, { status: 500 }) }
    },
  }
`

const config = (port, date) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [(name = "worker.js", esModule = embed "out/worker.js"), (name = "./isofold.wasm", wasm = embed "out/isofold.wasm")],
    compatibilityDate = "${date}",
  ))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`

async function runs(workplace, name, date) {
  const port = await freePort()
  const folder = workplace.project(name, { 'worker.js': worker, 'config.capnp': config(port, date) })
  const { build } = createRequire(join(folder, 'package.json'))('esbuild')
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
  await build({
    absWorkingDir: folder,
    entryPoints: ['worker.js'],
    bundle: true,
    format: 'esm',
    outfile: 'out/worker.js',
    conditions: ['workerd', 'worker', 'browser'],
    plugins: [compiled],
    logLevel: 'silent',
  })
  const address = `http://127.0.0.1:${port}/`
  return whileServing(folder, 'node_modules/.bin/workerd', ['serve', 'config.capnp'], address, () => getJson(address))
}

export const environments = {
  workerd: { backend: 'wasm', run: (w) => runs(w, 'workerd', '2025-09-01') },
  // Before June 2025 a worker may not compile bytes at all.
  'workerd-2024': { backend: 'wasm', run: (w) => runs(w, 'workerd-2024', '2024-09-23') },
}
