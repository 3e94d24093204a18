/** The verbs on the rollups that the Rust contestant left: `node verbs.mjs addon|wasm FOLDER` prints one line of JSON. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isofoldOn } from './isofold_rows.mjs'

const TIMES = 15

const [backend, folder] = process.argv.slice(2)
const { Rollup, version } = await isofoldOn(backend)
const bytes = (name) => readFileSync(join(folder, `${name}.isofold`))
const [left, right, whole] = ['left', 'right', 'whole'].map(bytes)
const rollup = Rollup.decode(whole)
const other = Rollup.decode(right)

const seconds = {
  merge: median(() => Rollup.decode(left), (into) => into.merge(other), (into) => into.free()),
  coarsen: median(() => {}, () => rollup.coarsen({ bucket: '1 day' })),
  encode: median(() => {}, () => rollup.encode()),
  decode: median(() => {}, () => Rollup.decode(whole)),
  query_p95: median(() => {}, () => rollup.query({ bucket: null, select: ['p95'] }).column('p95')),
  query_all: median(() => {}, () => everything(rollup.query())),
}
console.log(JSON.stringify({ version, groups: rollup.size, bytes: whole.length, digest: rollup.digest(), seconds }))

function everything(result) {
  return result.columns.map((name) => result.column(name))
}

/** The middle one of several times; what `prepare` and `after` do is not counted. */
function median(prepare, work, after = () => {}) {
  const passed = Array.from({ length: TIMES + 2 }, () => {
    const input = prepare()
    const started = performance.now()
    const output = work(input)
    const ended = performance.now()
    output?.free?.()
    after(input)
    return (ended - started) / 1000
  })
  return passed.slice(2).sort((a, b) => a - b)[TIMES >> 1]
}
