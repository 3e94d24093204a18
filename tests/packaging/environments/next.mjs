/** Next.js with both of its bundlers: an API route in Node, one at the edge, a client page prerendered and hydrated. */
import { titleReport } from '../chromium.mjs'
import { freePort, getJson, run, whileServing } from '../project.mjs'

const route = (runtime) => `
  import * as isofold from 'isofold'
  import { report } from '../../../program.mjs'
  export const runtime = '${runtime}'
  export const dynamic = 'force-dynamic'
  export async function GET() { return Response.json(await report(isofold)) }
`
const layout = `
  export default function Layout({ children }) { return <html><body>{children}</body></html> }
`
const page = `
  'use client'
  import { useEffect, useState } from 'react'
  import * as isofold from 'isofold'
  import { report } from '../program.mjs'
  export default function Page() {
    const [words, setWords] = useState('folding')
    useEffect(() => { report(isofold).then((it) => { document.title = JSON.stringify(it); setWords(it.digest) }) }, [])
    return <p>{words}</p>
  }
`
const files = {
  'app/layout.jsx': layout,
  'app/page.jsx': page,
  'app/api/node/route.js': route('nodejs'),
  'app/api/edge/route.js': route('edge'),
}

/** One build serves three environments; it is made when the first of them runs. */
const builds = new Map()

function built(workplace, bundler) {
  const known = builds.get(bundler)
  if (known !== undefined) return known
  const folder = workplace.project(`next-${bundler}`, files)
  const building = run(folder, 'node_modules/.bin/next', ['build', `--${bundler}`]).then(() => folder)
  builds.set(bundler, building)
  return building
}

async function serves(workplace, bundler, ask) {
  const folder = await built(workplace, bundler)
  const port = await freePort()
  const address = `http://127.0.0.1:${port}/`
  const args = ['node_modules/next/dist/bin/next', 'start', '-p', String(port), '-H', '127.0.0.1']
  return whileServing(folder, 'node', args, address, () => ask(folder, address))
}

const environment = (bundler, ask, backend) => ({ backend, run: (w) => serves(w, bundler, ask) })

export const environments = Object.fromEntries(
  ['turbopack', 'webpack'].flatMap((bundler) => [
    [`next-${bundler}-node`, environment(bundler, (_, address) => getJson(`${address}api/node`), 'native')],
    [`next-${bundler}-edge`, environment(bundler, (_, address) => getJson(`${address}api/edge`), 'wasm')],
    [`next-${bundler}-client`, environment(bundler, titleReport, 'wasm')],
  ]),
)
