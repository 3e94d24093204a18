/**
 * Node, Bun and Deno: `file_host.mjs SPEC.json ROWS.arrow addon|wasm` prints a report as one line of JSON.
 *
 * Not here: the browser and workerd, which have no files.
 */
import { readFileSync } from 'node:fs'
import { tableFromIPC } from 'apache-arrow'
import { measure } from './fold.mjs'

const [specPath, dataPath, wanted] = process.argv.slice(2)
const isofold = wanted === 'wasm' ? await import('isofold/slim') : await import('isofold/native')
if (wanted === 'wasm') isofold.initSync(readFileSync(new URL('./node_modules/isofold/dist/isofold.wasm', import.meta.url)))

const spec = readFileSync(specPath, 'utf8')
const table = tableFromIPC(readFileSync(dataPath))
const version = process.versions.bun ?? process.versions.deno ?? process.versions.node
console.log(JSON.stringify({ version, ...measure(isofold, spec, table, () => performance.now()) }))
