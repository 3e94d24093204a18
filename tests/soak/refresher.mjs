// Refreshes, prunes, asks and checks until it is killed: refresher.mjs CATALOG URL SEED. A line of JSON for each.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../pkg/npm/dist/esm/stores.js'

const pg = createRequire(new URL('../../pkg/npm/package.json', import.meta.url))('pg')
const [catalog, url, seed] = process.argv.slice(2)
let state = Number(seed) >>> 0
/** From 0 to 1, the same for the same seed. */
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}
const tell = (line) => console.log(JSON.stringify(line))
/** One in eight clocks is wrong by up to two days. */
const clock = () => new Date(Date.now() + (random() < 0.12 ? (random() - 0.5) * 4 * 86_400_000 : 0)).toISOString()

async function once(store) {
  const kind = random()
  if (kind < 0.8) return await store.refresh({ now: clock() }), 'refresh'
  if (kind < 0.86) return await store.prune(new Date().toISOString()), 'prune'
  if (kind < 0.93) return await store.query('hours', { bucket: null, select: ['n', 'total'] }), 'query'
  return await store.check(clock()), 'check'
}

const pool = new pg.Pool({ connectionString: url, application_name: 'soak-refresher', max: 2 })
pool.on('error', () => {})
for (;;) {
  try {
    const store = openStore(JSON.parse(readFileSync(catalog, 'utf8')), pool)
    const times = 3 + Math.floor(random() * 22)
    for (let i = 0; i < times; i++) {
      tell({ did: await once(store) })
      await sleep(random() * 400)
    }
  } catch (error) {
    tell({ failed: error.code ?? 'none', text: String(error.message) })
    await sleep(200)
  }
}
