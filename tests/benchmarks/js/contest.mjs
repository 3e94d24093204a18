/**
 * Runs one JavaScript contestant in this process: loads the rows, runs each query once to warm up, then once for the
 * time.
 *
 *     node --expose-gc contest.mjs NAME --folder FOLDER --order time --keys dictionary --threads 1 --answers FILE
 *
 * prints one line of JSON; the answers go to FILE. What is timed is what python/contest.py times.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Rows } from './rows.mjs'

const WARM_UP_SECONDS = 5

const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string' },
    order: { type: 'string' },
    keys: { type: 'string' },
    threads: { type: 'string' },
    answers: { type: 'string' },
    queries: { type: 'string', default: 'simple,full' },
  },
})

function memory(name) {
  const line = readFileSync('/proc/self/status', 'utf8').split('\n').find((line) => line.startsWith(name))
  return Number(line?.split(/\s+/)[1] ?? 0) * 1024
}

function forgetPeak() {
  writeFileSync('/proc/self/clear_refs', '5')
}

async function timed(contestant, query) {
  let started = performance.now()
  let cpu = process.cpuUsage()
  let result = await contestant.run(query)
  if (performance.now() - started < WARM_UP_SECONDS * 1000) {
    result = undefined
    globalThis.gc?.()
    forgetPeak()
    cpu = process.cpuUsage()
    started = performance.now()
    result = await contestant.run(query)
  }
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return { result, cost: { seconds, cpu_seconds: (user + system) / 1e6, peak_bytes: memory('VmHWM') } }
}

const [module, variant] = positionals[0].split(':')
const { Contestant } = await import(`./${module}_rows.mjs`)
const rows = new Rows(given.folder, given.order, given.keys, Number(given.threads))
const started = performance.now()
const contestant = await Contestant.open(rows, variant)
globalThis.gc?.()
const report = {
  version: contestant.version,
  load_seconds: (performance.now() - started) / 1000,
  loaded_bytes: memory('VmRSS'),
  queries: {},
}
const answers = {}
for (const query of given.queries.split(',')) {
  const { result, cost } = await timed(contestant, query)
  report.queries[query] = cost
  const columns = Object.entries(await contestant.answer(result))
  answers[query] = Object.fromEntries(columns.map(([name, values]) => [name, Array.from(values, plain)]))
}
writeFileSync(given.answers, JSON.stringify(answers))
console.log(JSON.stringify(report))
// DuckDB keeps threads that keep Node alive.
process.exit(0)

function plain(value) {
  return typeof value === 'bigint' ? Number(value) : value
}
