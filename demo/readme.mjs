/**
 * Holds the README to what hosts compute: its Python and TypeScript run as they stand there and must print one digest
 * last, and every data set that it names must have the rows, groups and digest that it tells.
 *
 * Data sets lie in `ISOFOLD_DATA`; without it they are left out, and that is said. Not here: the README's Rust, which
 * runs as a doc test of the core.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { skipped } from '../tools/skips/skips.mjs'
import { rowsOf } from './rows.mjs'
import { buildAll, built } from './setup/build.mjs'
import { root, run } from './setup/steps.mjs'
import { requireTools } from './setup/toolchain.mjs'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const DATA = process.env.ISOFOLD_DATA ?? join(root, '../shared/data')

/** The files of the data sets that the README tells digests of. */
const FILES = {
  aider_usage: 'llm/aider_usage.csv.gz',
  petrobras_3w_wells: 'iot/petrobras_3w_wells.csv.gz',
  azure_vm_noise: 'ops/azure_vm_noise.csv.gz',
}

async function main() {
  await requireTools()
  await buildAll(false)
  await examples()
  await generated()
  for (const row of dataSets()) await dataSet(row)
}

async function examples() {
  // Beside the hosts, where the package is found as in a project that has it installed.
  const folder = mkdtempSync(join(root, 'demo/hosts/readme-'))
  try {
    const python = await printed(folder, 'python', 'example.py', built.python)
    const javaScript = await printed(folder, 'ts', 'example.mjs', process.execPath)
    if (!/^[0-9a-f]{64}$/.test(python)) throw new Error(`the Python example must print a digest last, got ${python}`)
    if (python !== javaScript) throw new Error(`the examples must print one digest, got ${python} and ${javaScript}`)
    console.log(`README: one digest in Python and TypeScript, ${python}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The last line that the README's block of a language prints. */
async function printed(folder, language, name, program) {
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(readme)
  if (block === null) throw new Error(`README.md has no block of ${language}`)
  writeFileSync(join(folder, name), block[1])
  return (await run(program, [join(folder, name)])).trim().split('\n').at(-1)
}

/** The rows that `just demo` makes when it is told nothing; the picture shows their digest too. */
async function generated() {
  const told = /^`just demo` alone, with the default seed, has `([0-9a-f]{64})`\.$/m.exec(readme)?.[1]
  const { digest } = await folded(await rowsOf({}))
  same('the generated rows', 'digest', told, digest)
  const shown = /[0-9a-f]{64}/.exec(readFileSync(join(root, 'docs/demo.svg'), 'utf8'))?.[0]
  same('the picture of the demo', 'digest', shown, digest)
  console.log(`README: the generated rows have the digest told, ${digest}`)
}

/** The lines of the README's table of data sets. */
function dataSets() {
  const line = /^\| `(\w+)`: [^|]+ \| ([\d,]+) \| ([\d,]+) \| `([0-9a-f]{64})` \|$/gm
  const found = [...readme.matchAll(line)].map(([, name, rows, groups, digest]) => ({ name, rows, groups, digest }))
  const names = found.map(({ name }) => name).join(', ')
  const wanted = Object.keys(FILES).join(', ')
  if (names !== wanted) throw new Error(`README.md must tell digests of ${wanted}, got ${names || 'none'}`)
  return found
}

async function dataSet({ name, rows, groups, digest }) {
  const file = join(DATA, FILES[name])
  if (!existsSync(file)) {
    skipped(`README: ${name}`, `there is no ${file} (ISOFOLD_DATA)`)
    return
  }
  const found = await folded(await rowsOf({ file, spec: join(root, `examples/specs/${name}.json`) }))
  same(name, 'rows', rows, found.rows.toLocaleString('en-US'))
  same(name, 'groups', groups, found.groups.toLocaleString('en-US'))
  same(name, 'digest', digest, found.digest)
  console.log(`README: ${name} has the digest told, ${digest}`)
}

/** What Rust folds on one thread. */
async function folded({ spec, data }) {
  const printed = await run(built.demo, ['fold', '--spec', spec, '--data', data, '--threads', '1'])
  return JSON.parse(printed.trim().split('\n').at(-1))
}

function same(what, field, told, found) {
  if (told !== found) throw new Error(`${what}: the README tells the ${field} ${told}, a host computes ${found}`)
}

main().catch((error) => {
  console.error(`readme: ${error.message}`)
  process.exitCode = 1
})
