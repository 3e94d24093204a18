/** Node, Bun and Deno, with nothing between them and the package; and bundles for Node moved away from it. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { reported, run } from '../project.mjs'

const main = (from) => `
  import * as isofold from '${from}'
  import { report } from './program.mjs'
  console.log(JSON.stringify(await report(isofold)))
`
const required = `
  const isofold = require('isofold')
  import('./program.mjs').then(async ({ report }) => console.log(JSON.stringify(await report(isofold))))
`
const slim = `
  import { readFileSync } from 'node:fs'
  import { createRequire } from 'node:module'
  import * as isofold from 'isofold/slim'
  import { report } from './program.mjs'
  isofold.initSync(readFileSync(createRequire(import.meta.url).resolve('isofold/isofold.wasm')))
  console.log(JSON.stringify(await report(isofold)))
`

async function runs(workplace, name, files, program, args) {
  return reported(await run(workplace.project(name, files), program, args))
}

async function bundled(workplace, name, format, extension) {
  const folder = workplace.project(name, { 'main.mjs': main('isofold'), 'main.cjs': required })
  const input = format === 'esm' ? 'main.mjs' : 'main.cjs'
  const output = `bundle.${extension}`
  await run(folder, 'node_modules/.bin/esbuild', [
    input, '--bundle', '--platform=node', `--format=${format}`, `--outfile=${output}`, '--log-override:unsupported-dynamic-import=silent',
  ])
  const moved = workplace.elsewhere(name)
  cpSync(join(folder, output), join(moved, output))
  return reported(await run(moved, 'node', [output]))
}

export const environments = {
  'node-esm': { backend: 'native', run: (w) => runs(w, 'node-esm', { 'main.mjs': main('isofold') }, 'node', ['main.mjs']) },
  'node-cjs': { backend: 'native', run: (w) => runs(w, 'node-cjs', { 'main.cjs': required }, 'node', ['main.cjs']) },
  'node-native': { backend: 'native', run: (w) => runs(w, 'node-native', { 'main.mjs': main('isofold/native') }, 'node', ['main.mjs']) },
  'node-slim': { backend: 'wasm', run: (w) => runs(w, 'node-slim', { 'main.mjs': slim }, 'node', ['main.mjs']) },
  bun: { backend: 'native', run: (w) => runs(w, 'bun', { 'main.mjs': main('isofold') }, 'node_modules/.bin/bun', ['main.mjs']) },
  // Without permissions: the package must ask for none.
  deno: { backend: 'wasm', run: (w) => runs(w, 'deno', { 'main.mjs': main('isofold') }, 'node_modules/.bin/deno', ['run', '--no-prompt', 'main.mjs']) },
  'deno-ffi': {
    backend: 'native',
    run: (w) => runs(w, 'deno-ffi', { 'main.mjs': main('isofold') }, 'node_modules/.bin/deno', ['run', '--allow-read', '--allow-ffi', '--allow-env', '--allow-sys', 'main.mjs']),
  },
  'esbuild-esm': { backend: 'wasm', run: (w) => bundled(w, 'esbuild-esm', 'esm', 'mjs') },
  'esbuild-cjs': { backend: 'wasm', run: (w) => bundled(w, 'esbuild-cjs', 'cjs', 'cjs') },
}
