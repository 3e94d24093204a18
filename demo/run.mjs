/**
 * The demonstration: one data set, folded in every host that the machine has; one digest.
 *
 *     npx --yes rust-just demo
 *     npx --yes rust-just demo FILE --spec SPEC.json
 */
import { parseArgs } from 'node:util'
import { folded, hosts, report } from './hosts.mjs'
import { rowsOf } from './rows.mjs'
import { buildAll, built } from './setup/build.mjs'
import { run, watched } from './setup/steps.mjs'
import { requireTools } from './setup/toolchain.mjs'
import { absentLine, head, hostLine, size, verdict } from './table.mjs'

const USAGE = `just demo [FILE --spec SPEC.json] [--all] [--rows N] [--days N] [--seed N]

  FILE     CSV, CSV.gz or Parquet; without it, requests to language models are made from a seed
  --spec   the spec to fold under, such as examples/specs/azure_vm_noise.json
  --all    install the hosts that this machine lacks: Deno, Bun, workerd from npm, Chromium from Debian
  --rows, --days, --seed   of the generated rows: 1000000, 7, 20261102`

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      spec: { type: 'string' },
      all: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      rows: { type: 'string' },
      days: { type: 'string' },
      seed: { type: 'string' },
    },
  })
  if (values.help || positionals.length > 1) {
    console.log(USAGE)
    return positionals.length > 1 ? 2 : 0
  }
  const started = performance.now()
  await requireTools()
  await buildAll(values.all)
  const { spec, data } = await rowsOf({ ...values, file: positionals[0] })

  console.log(`\n${head()}`)
  const present = hosts.filter((host) => host.program() !== undefined)
  const reports = []
  for (const host of present) {
    const found = await watched(`${host.name} folds`, () => report(host, spec, data))
    reports.push(found)
    console.log(hostLine(found, reports[0].digest))
  }
  const absent = hosts.filter((host) => host.program() === undefined)
  const named = absent.filter((host, i) => absent.findIndex(({ name }) => name === host.name) === i)
  for (const host of named) console.log(absentLine(host))

  console.log(`\n${verdict(reports)}`)
  const [first] = reports
  if (first.problem !== undefined) return 1
  console.log(`  ${first.rows.toLocaleString('en-US')} rows → ${first.groups.toLocaleString('en-US')} groups, ${size(first.bytes)}\n`)
  console.log(await run(built.demo, ['show', '--rollup', folded, '--width', String(Math.max(80, process.stdout.columns ?? 118))]))
  console.error(`${((performance.now() - started) / 1000).toFixed(1)} s in all`)
  return reports.every(({ digest }) => digest === first.digest) ? 0 : 1
}

main().then(
  (code) => (process.exitCode = code),
  (error) => {
    console.error(`demo: ${error.message}`)
    process.exitCode = 1
  },
)
