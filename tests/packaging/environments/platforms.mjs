/** The packages as they are published: one without an addon, and one for each platform. */
import { cpSync, existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { released, reported, run } from '../project.mjs'

const here = dirname(fileURLToPath(import.meta.url))

/** What every published package has beside its code. */
const TEXTS = ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']

const main = `
  import * as isofold from 'isofold'
  import { report } from './program.mjs'
  console.log(JSON.stringify(await report(isofold)))
`

/** A project with packages installed; without the registry, so that an optional package is there only when it is named. */
async function installed(workplace, name, kinds) {
  const folder = workplace.elsewhere(name)
  workplace.write(folder, { 'package.json': '{ "name": "fresh", "private": true }', 'main.mjs': main })
  cpSync(join(here, '../program.mjs'), join(folder, 'program.mjs'))
  await run(folder, 'npm', ['install', '--offline', '--no-audit', '--no-fund', ...kinds.map(released)])
  if (existsSync(join(folder, 'node_modules/isofold/dist/native'))) throw new Error('the published package must have no addon inside')
  const scope = join(folder, 'node_modules/@isofold')
  const platforms = existsSync(scope) ? readdirSync(scope) : []
  if (platforms.length !== kinds.length - 1) throw new Error(`npm installed the platforms ${platforms.join(', ') || 'none'}`)
  for (const name of ['isofold', ...platforms.map((platform) => `@isofold/${platform}`)]) {
    const missing = TEXTS.filter((text) => !existsSync(join(folder, 'node_modules', name, text)))
    if (missing.length > 0) throw new Error(`the published package ${name} lacks ${missing.join(', ')}`)
  }
  return reported(await run(folder, 'node', ['main.mjs']))
}

export const environments = {
  'platform-package': { backend: 'native', run: (w) => installed(w, 'platform-package', ['main', 'platform']) },
  'platform-missing': { backend: 'wasm', run: (w) => installed(w, 'platform-missing', ['main']) },
}
