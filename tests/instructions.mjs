// Instructions of each hot loop, against tests/instructions.json: node tests/instructions.mjs, or with --update to write
//
// Counts do not depend on how busy the machine is, but on the compiler: those of another compiler are told and fail
// nothing. What the C library does for the kernel (copying, filling, allocating) is pinned to one way of doing it.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { skipped } from '../tools/skips/skips.mjs'

const FILE = new URL('./instructions.json', import.meta.url)
const SECTIONS = [
  'ingest_simple',
  'ingest_simple_shuffled',
  'ingest_full',
  'ingest_full_shuffled',
  'merge_shuffled',
  'encode',
  'decode',
  'query_p95',
  'query_full',
]
const ALLOWED = 1.05

function skip(reason) {
  skipped('instructions', reason)
  process.exit(0)
}

function version() {
  const lines = execFileSync('rustc', ['-vV'], { encoding: 'utf8' }).split('\n')
  const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
  return { rustc: field('release'), host: field('host') }
}

function build() {
  // under the flags of the scripts that compile for release, which share what is compiled
  const flags = execFileSync(fileURLToPath(new URL('../tools/path-flags.sh', import.meta.url)), { encoding: 'utf8' }).trimEnd()
  const command = ['bench', '--quiet', '--package', 'isofold', '--bench', 'instructions', '--no-run']
  const out = execFileSync('cargo', [...command, '--message-format=json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, CARGO_ENCODED_RUSTFLAGS: flags },
  })
  const built = out.split('\n').filter(Boolean).map((line) => JSON.parse(line))
  return built.find((message) => message.target?.name === 'instructions' && message.executable).executable
}

function count(executable, section) {
  const options = ['--tool=callgrind', '--callgrind-out-file=/dev/null', '--collect-atstart=no']
  const run = spawnSync('valgrind', [...options, '--toggle-collect=*instructions::measured*', executable, section], {
    encoding: 'utf8',
    env: { ...process.env, GLIBC_TUNABLES: 'glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-AVX512F,-AVX512VL,-ERMS,-FSRM' },
  })
  const collected = run.stderr.match(/Collected\s*:\s*(\d+)/)
  if (run.status !== 0 || !collected) throw new Error(`${section} did not end well:\n${run.stderr}`)
  return Number(collected[1])
}

if (process.platform !== 'linux') skip(`valgrind is used on Linux, this is ${process.platform}`)
const setUp = fileURLToPath(new URL('../tools/valgrind.sh', import.meta.url))
if (spawnSync(setUp, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0) skip('valgrind could not be installed')
const update = process.argv.includes('--update')
const committed = JSON.parse(readFileSync(FILE, 'utf8'))
const here = version()
const comparable = here.rustc === committed.rustc && here.host === committed.host
const executable = build()
const counted = {}
let failed = 0
for (const section of SECTIONS) {
  counted[section] = count(executable, section)
  const budget = committed.instructions[section]
  const ratio = counted[section] / budget
  const within = ratio <= ALLOWED
  if (comparable && !within) failed += 1
  const mark = comparable ? (within ? 'ok  ' : 'FAIL') : 'told'
  console.log(`${mark} ${section}: ${counted[section]} of ${budget} (${((ratio - 1) * 100).toFixed(1)} %)`)
}
if (update) {
  writeFileSync(FILE, `${JSON.stringify({ ...here, instructions: counted }, null, 2)}\n`)
} else if (!comparable) {
  console.log(`nothing can fail: the figures are those of rustc ${committed.rustc} on ${committed.host}, this is rustc ${here.rustc} on ${here.host}`)
} else if (failed > 0) {
  console.log('more instructions than committed; if that is meant: node tests/instructions.mjs --update')
}
process.exit(failed === 0 || update ? 0 : 1)
