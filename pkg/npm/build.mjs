/**
 * Builds dist/ from src/ and from what tools/wasm.sh and tools/addon.sh left in the target folder.
 *
 * The one idea: each entry becomes one file per module system that imports nothing but its neighbours, so whatever
 * follows relative imports can load it. CommonJS lies in a folder with a manifest of its own, which makes the same
 * declarations right for both systems.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const target = resolve(here, '../..', process.env.CARGO_TARGET_DIR ?? 'target')
const wasm = join(target, 'isofold-wasm')
const addon = join(target, 'isofold-addon')
const command = join(target, 'isofold-cli')
const dist = join(here, 'dist')
/** npm packs no links, so that these are copied from the root. */
const LICENCES = ['LICENSE-MIT', 'LICENSE-APACHE']

for (const folder of [wasm, addon]) {
  if (!existsSync(folder)) throw new Error(`${folder} is missing: run tools/wasm.sh and tools/addon.sh first`)
}

rmSync(dist, { recursive: true, force: true })
mkdirSync(join(dist, 'esm'), { recursive: true })
mkdirSync(join(dist, 'cjs'))
mkdirSync(join(dist, 'native'))

for (const name of LICENCES) cpSync(join(here, '../..', name), join(here, name))
const bytes = readFileSync(join(wasm, 'isofold.wasm'))
writeFileSync(join(dist, 'isofold.wasm'), bytes)
for (const file of readdirSync(addon)) cpSync(join(addon, file), join(dist, 'native', file))
const program = process.platform === 'win32' ? 'isofold.exe' : 'isofold'
if (existsSync(join(command, program))) cpSync(join(command, program), join(dist, 'native', program))

const inlined = JSON.stringify(gzipSync(bytes, { level: 9 }).toString('base64'))
writeFileSync(join(dist, 'esm/inlined.js'), `export const inlined = ${inlined}\n`)
writeFileSync(join(dist, 'cjs/inlined.js'), `exports.inlined = ${inlined}\n`)
writeFileSync(join(dist, 'cjs/package.json'), '{ "type": "commonjs" }\n')
// A bundler gives a meaningless path or none; the addon is then looked for in the packages of the program.
writeFileSync(join(dist, 'cjs/location.js'), "module.exports = typeof __filename === 'string' ? __filename : undefined\n")

/** Modules that have names in src and files in dist. */
const placed = (location) => ({
  name: 'placed',
  setup(builder) {
    const files = {
      'isofold:inlined': './inlined.js',
      'isofold:location': location,
      'isofold:wasm': '../isofold.wasm',
      'isofold:wasm?module': '../isofold.wasm?module',
    }
    builder.onResolve({ filter: /^isofold:/ }, ({ path }) =>
      path === 'isofold:glue' ? { path: 'isofold_bg.js', namespace: 'glue' } : { path: files[path], external: true },
    )
    // comments of the bundle tell the path, which is to be the same on every machine
    builder.onLoad({ filter: /./, namespace: 'glue' }, ({ path }) => ({ contents: glueOf(readFileSync(join(wasm, path), 'utf8')), loader: 'js' }))
  },
})

/** The glue as a function: it has room for one instance of the module, and after a trap another one is needed. */
function glueOf(text) {
  const names = []
  const body = text.replaceAll(/^export (class|function) (\w+)/gm, (_, what, name) => {
    names.push(name)
    return `${what} ${name}`
  })
  if (/^export /m.test(body)) throw new Error('the glue exports what is neither class nor function')
  return `export function glueOf() {\n${body}\nreturn { ${names.join(', ')} }\n}\n`
}

/** Documentation is for the declarations: what runs is downloaded without it. */
const bare = {
  name: 'bare',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replaceAll(/^ *\/\*\*.*?\*\/\n/gms, '')
      return { contents, loader: 'ts' }
    })
  },
}

const entry = (name) => join(here, 'src/entries', `${name}.ts`)
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
const { tzdbVersion } = createRequire(import.meta.url)(join(addon, `isofold.${process.platform}-${process.arch}.node`))
const define = { ISOFOLD_VERSION: JSON.stringify(version), ISOFOLD_TZDB_VERSION: JSON.stringify(tzdbVersion()) }
const options = { define, bundle: true, platform: 'neutral', target: 'es2022', legalComments: 'none', logLevel: 'warning' }
await build({
  ...options,
  entryPoints: ['browser', 'node', 'workerd', 'edge-light', 'slim', 'native', 'stores'].map(entry),
  outdir: join(dist, 'esm'),
  format: 'esm',
  plugins: [placed('../cjs/location.js'), bare],
})
await build({
  ...options,
  entryPoints: [entry('cli')],
  outdir: join(dist, 'esm'),
  format: 'esm',
  banner: { js: '#!/usr/bin/env node' },
  external: ['node:*'],
  plugins: [placed('../cjs/location.js')],
})
await build({
  ...options,
  entryPoints: ['browser', 'node', 'slim', 'native', 'stores'].map(entry),
  outdir: join(dist, 'cjs'),
  format: 'cjs',
  plugins: [placed('./location.js'), bare],
})

for (const system of ['esm', 'cjs']) {
  const folder = join(dist, system)
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.js') && name !== 'inlined.js')) {
    const path = join(folder, name)
    writeFileSync(path, named(readFileSync(path, 'utf8')))
  }
}

/** The bundler calls a class that names itself by another name, which a stack would show. */
function named(text) {
  const classes = Array.from(text.matchAll(/^var (\w+) = class (_\w+) /gm), ([, name, other]) => ({ name, other }))
  return classes.reduce((text, { name, other }) => text.replaceAll(new RegExp(`\\b${other}\\b`, 'g'), name), text)
}

const tsc = join(here, 'node_modules/.bin/tsc')
execFileSync(tsc, ['--project', here, '--outDir', join(dist, 'esm/types')], { stdio: 'inherit' })
cpSync(join(dist, 'esm/types'), join(dist, 'cjs/types'), { recursive: true })
