/** The declarations, as TypeScript resolves them for modules, for CommonJS and for bundlers. */
import { reported, run } from '../project.mjs'

const program = (imported) => `
  ${imported}
  const spec: Spec = {
    name: 'm', columns: { ts: 'timestamp', x: 'int64' }, time: 'ts', bucket: { width: '1 day', timezone: 'UTC' }, select: { n: 'count(*)' },
  }
  const rollup: Rollup = new Rollup(spec, { maxGroups: 10 })
  const folded: number = rollup.ingest([{ ts: new Date(0), x: 1n }, { ts: '1970-01-02', x: null }])
  rollup.ingest({ ts: [new Date(0)], x: BigInt64Array.of(1n) })
  interface Event { ts: Date; x: bigint | null }
  class Measured { readonly ts = new Date(0); x = 1 }
  const events: readonly Event[] = [{ ts: new Date(0), x: null }]
  rollup.ingest(events)
  rollup.ingest([new Measured()])
  interface Measurements { ts: Date[]; x: BigInt64Array }
  const measurements: Measurements = { ts: [new Date(0)], x: BigInt64Array.of(1n) }
  rollup.ingest(measurements)
  // @ts-expect-error a column is no date
  if (folded < 0) rollup.ingest({ ts: new Date(0), x: [1] })
  // @ts-expect-error a number is no rows
  if (folded < 0) rollup.ingest(5)
  const n: Float64Array | BigInt64Array | readonly Cell[] = rollup.query({ bucket: null, select: ['n'] }).column('n')
  const which: 'native' | 'wasm' = backend
  const budget: Budget = { maxRows: 2n ** 62n, maxGroups: 10, start: new Date(0), end: null }
  const copy: Rollup = Rollup.decode(rollup.encode(), budget)
  copy.merge(rollup, budget)
  copy.replace(null, null, rollup, { maxRows: 10 })
  if (which === 'native') {
    const asText: RowsOptions = { decimals: 'text' }
    const stored: readonly StoredRow[] = rollup.rows(asText)
    const read: StoredRowsOptions = { ...budget, duplicates: 'merge' }
    Rollup.fromRows(spec, stored, read).mergeRows(stored, budget)
  }
  // @ts-expect-error an option is spelt as in JavaScript
  const misspelt: Budget = { max_groups: 1 }
  // @ts-expect-error the range of a replacement is given beside its limits
  const ranged: Parameters<Rollup['replace']>[3] = { start: null }
  // @ts-expect-error decimals are numbers or texts
  const exact: RowsOptions = { decimals: 'exact' }
  // @ts-expect-error a bucket is no number
  const wrong: Spec = { ...spec, bucket: 7 }
  init().then(() => console.log(JSON.stringify({ which, folded, n: String(n), wrong: typeof wrong, others: [misspelt, ranged, exact].length })))
`
const stores = `
  import { openStore, type Store } from 'isofold/stores'
  const store: Store = openStore({}, { query: async () => ({ rows: [] }) })
  store.refresh({ since: new Date(0) }).then(({ rollups }) => rollups[0]?.groups_written.toFixed())
`
const types = "import { backend, type Budget, init, Rollup, type Cell, type RowsOptions, type Spec, type StoredRow, type StoredRowsOptions } from 'isofold'"
const options = {
  strict: true, noEmit: true, target: 'es2022', lib: ['es2023', 'dom'], types: ['node'], skipLibCheck: false,
}
const config = (module, moduleResolution, file, more = {}) =>
  JSON.stringify({ compilerOptions: { ...options, module, moduleResolution, ...more }, files: [file] })
// what a browser's project has: neither Node's types nor newer libraries than its target
const plain = { types: [], lib: ['es2022', 'dom'] }

async function checks(workplace) {
  const folder = workplace.project('types', {
    'module.mts': program(types),
    'common.cts': program(types),
    'bundled.ts': program(types),
    'slim.mts': "import { init, initSync } from 'isofold/slim'\ninit(fetch('/isofold.wasm')).then(() => initSync(new Uint8Array(8)))\n",
    'stores.mts': stores,
    'stores.json': config('nodenext', 'nodenext', 'stores.mts'),
    'module.json': config('nodenext', 'nodenext', 'module.mts'),
    'common.json': config('nodenext', 'nodenext', 'common.cts'),
    'bundled.json': config('esnext', 'bundler', 'bundled.ts'),
    'slim.json': config('nodenext', 'nodenext', 'slim.mts'),
    'plain.json': config('esnext', 'bundler', 'bundled.ts', plain),
    'report.mjs': `
      import * as isofold from 'isofold'
      import { report } from './program.mjs'
      console.log(JSON.stringify(await report(isofold)))
    `,
  })
  for (const name of ['module', 'common', 'bundled', 'plain', 'slim', 'stores']) {
    await run(folder, 'node_modules/.bin/tsc', ['--project', `${name}.json`])
  }
  return reported(await run(folder, 'node', ['report.mjs']))
}

export const environments = { types: { backend: 'native', run: checks } }
