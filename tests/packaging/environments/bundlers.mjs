/** Vite and webpack with their defaults, and their output in Chromium. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { titleReport, whileHosting } from '../chromium.mjs'
import { run } from '../project.mjs'

const page = (script) => `<!doctype html><title>-</title><script type="module" src="${script}"></script>`
const entry = `
  import * as isofold from 'isofold'
  import { report } from '../program.mjs'
  report(isofold).then((it) => { document.title = JSON.stringify(it) })
`
const slim = `
  import * as isofold from 'isofold/slim'
  import wasm from 'isofold/isofold.wasm?url'
  import { report } from '../program.mjs'
  isofold.init(wasm).then(() => report(isofold)).then((it) => { document.title = JSON.stringify(it) })
`
const webpackBuild = `
  require('webpack')({ context: __dirname, mode: 'production' }, (error, stats) => {
    if (error ?? stats.hasErrors()) { console.error(error ?? stats.toString()); process.exit(1) }
  })
`

async function vite(workplace, name, source) {
  const folder = workplace.project(name, { 'index.html': page('/src/index.js'), 'src/index.js': source })
  await run(folder, 'node_modules/.bin/vite', ['build'])
  return whileHosting(join(folder, 'dist'), (address) => titleReport(folder, address))
}

async function webpack(workplace) {
  const folder = workplace.project('webpack', { 'src/index.js': entry, 'build.cjs': webpackBuild, 'index.html': page('/main.js') })
  await run(folder, 'node', ['build.cjs'])
  cpSync(join(folder, 'index.html'), join(folder, 'dist/index.html'))
  return whileHosting(join(folder, 'dist'), (address) => titleReport(folder, address))
}

export const environments = {
  vite: { backend: 'wasm', run: (w) => vite(w, 'vite', entry) },
  'vite-slim': { backend: 'wasm', run: (w) => vite(w, 'vite-slim', slim) },
  webpack: { backend: 'wasm', run: webpack },
}
