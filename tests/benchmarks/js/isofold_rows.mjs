/** isofold on the addon and on wasm, from an Arrow table, typed arrays, and objects. */
import { readFileSync } from 'node:fs'

const dist = new URL('../../../pkg/npm/dist/', import.meta.url)

/** The package on one of its backends. */
export async function isofoldOn(backend) {
  const isofold = await import(new URL(backend === 'wasm' ? 'esm/slim.js' : 'esm/native.js', dist))
  if (backend === 'wasm') isofold.initSync(readFileSync(new URL('isofold.wasm', dist)))
  return isofold
}

export const specs = Object.fromEntries(
  ['simple', 'full'].map((query) => [query, readFileSync(new URL(`../specs/${query}.json`, import.meta.url), 'utf8')]),
)

export class Contestant {
  static async open(rows, variant) {
    const [backend, form] = variant.split('-')
    const isofold = await isofoldOn(backend)
    return Object.assign(new Contestant(), {
      version: isofold.version,
      isofold,
      threads: rows.threads,
      input: { arrow: () => rows.arrow(), typed: () => columnsOf(rows), rows: () => rows.objects() }[form](),
    })
  }

  run(query) {
    const rollup = new this.isofold.Rollup(specs[query])
    rollup.ingest(this.input, { threads: this.threads })
    const result = rollup.query()
    const columns = Object.fromEntries(result.columns.map((name) => [name, [result.column(name), result.valid(name)]]))
    rollup.free()
    return columns
  }

  answer({ bucket: [bucket], ...columns }) {
    const told = Object.entries(columns).map(([name, [values, valid]]) => [name, Array.from(values, (value, row) => (valid?.[row] === 0 ? null : value))])
    return { hour_ms: Array.from(bucket, (us) => Number(us) / 1000), ...Object.fromEntries(told) }
  }
}

function columnsOf(rows) {
  const { model, user_id, ...rest } = rows.typed()
  const { models, users } = rows.told
  return { ...rest, model: { codes: model, texts: models }, user_id: { codes: user_id, texts: users } }
}
