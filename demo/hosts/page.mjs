/** A browser page: fetches the spec and the rows from the server it came from, and leaves its report in the title. */
import { tableFromIPC } from 'apache-arrow'
import * as isofold from 'isofold'
import { measure } from './fold.mjs'

async function report() {
  await isofold.init()
  const [spec, rows] = await Promise.all([fetch('/spec.json'), fetch('/rows.arrow')])
  return measure(isofold, await spec.text(), tableFromIPC(new Uint8Array(await rows.arrayBuffer())), () => performance.now())
}

report().then(
  (found) => (document.title = JSON.stringify(found)),
  (error) => (document.title = JSON.stringify({ error: String(error.stack ?? error) })),
)
