/**
 * Runs the vectors, the data sets and the list of names in every JavaScript host, over the packed package:
 * `node tests/conformance/run.mjs [host…]`. `tools/pack.sh` makes the package.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tarball, Workplace } from '../packaging/project.mjs'
import { hosts } from './hosts.mjs'
import { payload } from './payload.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !(name in hosts))
if (unknown !== undefined) {
  console.error(`no host is called ${unknown}; there are ${Object.keys(hosts).join(', ')}`)
  process.exit(2)
}

const chosen = Object.entries(hosts).filter(([name]) => wanted.length === 0 || wanted.includes(name))
if (chosen.some(([name]) => name === 'chromium')) {
  process.env.CHROMIUM ??= execFileSync(join(here, '../../tools/chromium.sh'), { encoding: 'utf8' }).trim()
}
const data = mkdtempSync(join(tmpdir(), 'isofold-data-'))
const given = payload(data)
const text = JSON.stringify(given)
rmSync(data, { recursive: true })

const workplace = new Workplace(tarball())
const project = (name, files) => {
  const folder = workplace.project(name, files)
  cpSync(join(here, 'js'), join(folder, 'js'), { recursive: true })
  writeFileSync(join(folder, 'payload.json'), text)
  return folder
}

let failed = 0
for (const [name, host] of chosen) {
  const started = performance.now()
  const { backend = '', cases = 0, digests = {}, failures } = await tried(host)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const words = `${cases} cases, ${Object.keys(digests).length} of ${given.sets.length} data sets`
  console.log(`${failures.length === 0 ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${backend.padEnd(7)} ${seconds.padStart(6)} s  ${words}`)
  failures.forEach((failure) => console.log(`     ${failure}`))
  failed += failures.length === 0 ? 0 : 1
}
if (process.env.KEEP === undefined) workplace.remove()
console.log(failed === 0 ? '\nevery host does what the vectors say' : `\n${failed} hosts do something else`)
process.exit(failed === 0 ? 0 : 1)

async function tried({ start, backend }) {
  try {
    const report = await start(project, text)
    const more = report.failed > report.failures.length ? [`… and ${report.failed - report.failures.length} more`] : []
    const other = report.backend === backend ? [] : [`the backend must be ${backend}, got ${report.backend}`]
    return { ...report, failures: [...report.failures, ...more, ...other] }
  } catch (error) {
    return { failures: [error instanceof Error ? error.message : String(error)] }
  }
}
