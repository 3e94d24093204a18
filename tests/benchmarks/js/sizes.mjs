/** Sizes of isofold's downloads next to its peers': `node sizes.mjs TARGET` prints one line of JSON. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../../..')
const modules = join(here, 'node_modules')
const require = createRequire(import.meta.url)

/** What a browser downloads: code bundled and minified, and the files it fetches. */
const DOWNLOADS = {
  'isofold (wasm inlined)': { code: `export * from '${root}/pkg/npm/dist/esm/browser.js'`, files: [] },
  'isofold/slim and isofold.wasm': { code: `export * from '${root}/pkg/npm/dist/esm/slim.js'`, files: [join(root, 'pkg/npm/dist/isofold.wasm')] },
  arquero: { code: "export * from 'arquero'", files: [] },
  'apache-arrow': { code: "export * from 'apache-arrow'", files: [] },
  '@datadog/sketches-js': { code: "export * from '@datadog/sketches-js'", files: [] },
  '@duckdb/duckdb-wasm': {
    code: "export * from '@duckdb/duckdb-wasm'",
    files: ['duckdb-eh.wasm', 'duckdb-browser-eh.worker.js'].map((name) => join(modules, '@duckdb/duckdb-wasm/dist', name)),
  },
}

const downloads = {}
for (const [name, { code, files }] of Object.entries(DOWNLOADS)) {
  const options = { bundle: true, minify: true, format: 'esm', conditions: ['browser'], platform: 'browser', write: false, logLevel: 'silent' }
  const { outputFiles } = await build({ ...options, stdin: { contents: code, resolveDir: here } })
  const pieces = [Buffer.from(outputFiles[0].contents), ...files.map((file) => readFileSync(file))]
  const sum = (size) => pieces.reduce((total, piece) => total + size(piece), 0)
  downloads[name] = { raw: sum((piece) => piece.length), gzip: sum((piece) => gzipSync(piece, { level: 9 }).length), brotli: sum(brotli) }
}

const wasm = readFileSync(join(root, 'pkg/npm/dist/isofold.wasm'))
const packed = JSON.parse(execFileSync('npm', ['pack', join(root, 'pkg/npm'), '--dry-run', '--json', '--loglevel=error'], { encoding: 'utf8' }))
const [{ size, unpackedSize }] = Object.values(packed)
const addon = readdirSync(join(process.argv[2], 'isofold-addon')).map((name) => statSync(join(process.argv[2], 'isofold-addon', name)).size)
const installed = { 'isofold (with the addon)': { version: require(join(root, 'pkg/npm/package.json')).version, unpacked: unpackedSize, packed: size } }
for (const name of ['@duckdb/duckdb-wasm', '@duckdb/node-api', 'arquero', 'apache-arrow', '@datadog/sketches-js']) {
  const folders = name === '@duckdb/node-api' ? [name, '@duckdb/node-bindings', ...platforms()] : [name]
  const { version } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'))
  installed[name] = { version, unpacked: folders.reduce((total, folder) => total + folderSize(join(modules, folder)), 0) }
}
console.log(JSON.stringify({ wasm: { raw: wasm.length, gzip: gzipSync(wasm, { level: 9 }).length, brotli: brotli(wasm) }, addon: addon[0], downloads, installed }))

function platforms() {
  return readdirSync(join(modules, '@duckdb')).filter((name) => name.startsWith('node-bindings-')).map((name) => `@duckdb/${name}`)
}

function brotli(bytes) {
  // The best level takes minutes for what only DuckDB has, and gains two in a hundred.
  const quality = bytes.length > 6_000_000 ? 9 : 11
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality, [constants.BROTLI_PARAM_LGWIN]: 24 } }).length
}

function folderSize(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((total, entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? total : total + folderSize(path)
    return total + (entry.isFile() ? statSync(path).size : 0)
  }, 0)
}
