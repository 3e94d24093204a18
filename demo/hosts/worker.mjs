/**
 * An edge worker: takes the rows once, and folds them at each request.
 *
 * Not here: the clock. Between two waits for the network a worker's clock stands still, so the caller measures.
 */
import { tableFromIPC } from 'apache-arrow'
import { backend, Rollup } from 'isofold'
import { told } from './fold.mjs'

let spec
let table

async function answer(request) {
  const { pathname } = new URL(request.url)
  if (pathname === '/spec') spec = await request.text()
  if (pathname === '/rows') table = tableFromIPC(new Uint8Array(await request.arrayBuffer()))
  if (pathname !== '/fold') return {}
  const rollup = new Rollup(spec)
  rollup.ingest(table)
  const found = { backend, ...told(rollup, table.numRows) }
  rollup.free()
  return found
}

export default {
  fetch: (request) =>
    answer(request).then(
      (found) => Response.json(found),
      (error) => Response.json({ error: String(error.stack ?? error) }, { status: 500 }),
    ),
}
