import { init, Rollup } from '../../../../pkg/npm/dist/esm/browser.js'
import { query } from './query.mjs'
import { nothing, report } from './rows.mjs'

report(nothing, async () => {
  await init()
  return query(Rollup)
})
