import { init, Rollup } from '../../../../pkg/npm/dist/esm/slim.js'
import { query } from './query.mjs'
import { report } from './rows.mjs'

report(
  async () => (await fetch('/isofold.wasm')).arrayBuffer(),
  async (bytes) => {
    await init(bytes)
    return query(Rollup)
  },
)
