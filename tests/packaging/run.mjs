/**
 * Installs the packed package in fresh projects of every environment, without any configuration, and compares what
 * they fold: `node tests/packaging/run.mjs [name…]`.
 */
import { environments as bundlers } from './environments/bundlers.mjs'
import { environments as jest } from './environments/jest.mjs'
import { environments as next } from './environments/next.mjs'
import { environments as platforms } from './environments/platforms.mjs'
import { environments as servers } from './environments/servers.mjs'
import { environments as types } from './environments/types.mjs'
import { environments as workerd } from './environments/workerd.mjs'
import { tarball, Workplace } from './project.mjs'

const environments = { ...servers, ...platforms, ...types, ...workerd, ...jest, ...bundlers, ...next }

const wanted = process.argv.slice(2)
const names = Object.keys(environments).filter((name) => wanted.length === 0 || wanted.some((part) => name.startsWith(part)))
const unknown = wanted.find((part) => !names.some((name) => name.startsWith(part)))
if (unknown !== undefined) {
  console.error(`no environment is called ${unknown}; there are ${Object.keys(environments).join(', ')}`)
  process.exit(2)
}

const workplace = new Workplace(tarball())
const outcomes = []
let expected
for (const name of names) {
  const started = performance.now()
  const outcome = await tried(name)
  outcomes.push(outcome)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${outcome.problem === undefined ? 'ok  ' : 'FAIL'} ${name.padEnd(24)} ${(outcome.backend ?? '').padEnd(7)} ${seconds.padStart(5)} s`)
  if (outcome.problem !== undefined) console.log(outcome.problem.replace(/^/gm, '     '))
}

const failed = outcomes.filter(({ problem }) => problem !== undefined)
if (process.env.KEEP === undefined) workplace.remove()
console.log(`\n${outcomes.length - failed.length} passed, ${failed.length} failed`)
process.exit(failed.length === 0 ? 0 : 1)

async function tried(name) {
  const environment = environments[name]
  let report
  try {
    report = await environment.run(workplace)
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
  expected ??= report
  const { backend } = report
  for (const key of ['digest', 'answer']) {
    if (report[key] !== expected[key]) return { backend, problem: `${key} is ${report[key]}, elsewhere ${expected[key]}` }
  }
  if (typeof report.digest !== 'string' || report.digest.length < 32) return { backend, problem: `no digest, got ${report.digest}` }
  return backend === environment.backend ? { backend } : { backend, problem: `the backend must be ${environment.backend}` }
}
