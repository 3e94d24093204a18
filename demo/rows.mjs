/** The rows to fold: generated from a seed, or a file of the user's, as one Arrow file in the cache. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { built } from './setup/build.mjs'
import { cache, root, run, step } from './setup/steps.mjs'

const folder = join(cache, 'rows')

/** The paths of the spec and of the Arrow file. Errors: a file that is missing or does not fit the spec. */
export async function rowsOf({ file, spec, rows, days, seed }) {
  mkdirSync(folder, { recursive: true })
  const given = spec && resolve(spec)
  return file === undefined ? generated(given, { rows, days, seed }) : prepared(resolve(file), given)
}

async function generated(spec, options) {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const data = join(folder, ['generated', ...given.map(([name, value]) => `${name}${value}`)].join('-') + '.arrow')
  const args = ['generate', '--out', data, ...given.flatMap(([name, value]) => [`--${name}`, value])]
  const reads = ['demo/rust/src/generate']
  await step('rows from a seed', { reads, makes: [data], and: data }, () => run(built.demo, args))
  return { spec: spec ?? join(root, 'examples/specs/llm_requests.json'), data }
}

async function prepared(file, spec) {
  if (spec === undefined) throw new Error('a file of your own needs its spec: just demo FILE --spec SPEC.json')
  for (const path of [file, spec]) if (!existsSync(path)) throw new Error(`no file ${path}`)
  const { mtimeMs, size } = statSync(file)
  const identity = `${file} ${mtimeMs} ${size} ${spec} ${statSync(spec).mtimeMs}`
  const short = createHash('sha256').update(identity).digest('hex').slice(0, 12)
  const data = join(folder, `${basename(file).replace(/\..*/, '')}-${short}.arrow`)
  const args = [join(root, 'demo/prepare.py'), file, '--spec', spec, '--out', data]
  await step(`rows of ${basename(file)}`, { reads: ['demo/prepare.py'], makes: [data], and: identity }, () => run(built.python, args))
  return { spec, data }
}
