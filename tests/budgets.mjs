// Numbers that matter, against what was built: node tests/budgets.mjs
//
// The module has a budget for each way of building it (tools/wasm-target.sh); the file `way` beside it says which.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { brotliCompressSync, constants } from 'node:zlib'

const target = process.env.CARGO_TARGET_DIR ?? 'target'
const budgets = JSON.parse(readFileSync(new URL('./budgets.json', import.meta.url), 'utf8'))

function brotli(path) {
  const bytes = readFileSync(path)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 }
  return brotliCompressSync(bytes, { params }).length
}

function wheel() {
  const folder = `${target}/wheels`
  const found = readdirSync(folder).filter((name) => name.endsWith('.whl'))
  if (found.length === 0) throw new Error(`no wheel in ${folder}: build it with \`just wheel\``)
  return Math.max(...found.map((name) => statSync(`${folder}/${name}`).size))
}

const way = readFileSync(`${target}/isofold-wasm/way`, 'utf8').trim()
const measured = {
  wasm_brotli_bytes: brotli(`${target}/isofold-wasm/isofold.wasm`),
  wheel_bytes: wheel(),
}

let failed = 0
for (const [name, allowed] of Object.entries(budgets)) {
  const value = measured[name]
  const budget = typeof allowed === 'number' ? allowed : allowed[way].budget
  const within = value <= budget
  failed += within ? 0 : 1
  console.log(`${within ? 'ok  ' : 'FAIL'} ${name}: ${value} of ${budget}${typeof allowed === 'number' ? '' : ` (${way}: ${allowed[way].reason})`}`)
}
process.exit(failed === 0 ? 0 : 1)
