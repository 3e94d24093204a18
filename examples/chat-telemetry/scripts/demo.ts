/**
 * The whole application on a fresh machine: seeds, refreshes, builds, serves (`just chat-telemetry`).
 *
 * With `--test` it asks the server what a page would ask, and ends; `--rows N` and `--port N` are for the impatient.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Rollup } from 'isofold'
import { HEADERS, ROUTES } from '@/lib/contract'

const { values } = parseArgs({
  options: { test: { type: 'boolean', default: false }, rows: { type: 'string', default: '40000' }, port: { type: 'string', default: '3000' } },
})
// routes of Node and of the edge share no memory, so both are told the secret
const TELEMETRY_SECRET = process.env.TELEMETRY_SECRET ?? randomBytes(32).toString('hex')
const environment = { ...process.env, TELEMETRY_SECRET, TELEMETRY_DEMO: '1', NEXT_TELEMETRY_DISABLED: '1' }
const run = (script: string, ...args: string[]): void => {
  console.log(`\n— ${script}`)
  execFileSync('npm', ['run', '--silent', script, '--', ...args], { stdio: 'inherit', env: environment })
}

run('seed', '--rows', values.rows)
run('refresh')
run('build')
const address = `http://127.0.0.1:${values.port}`
const server = spawn('node_modules/.bin/next', ['start', '-p', values.port, '-H', '127.0.0.1'], { stdio: 'inherit', env: environment })
const ended = once(server, 'exit')
try {
  await answering(server)
  console.log(`\nThe dashboard is at ${address}/dashboard/telemetry (Ctrl-C ends it)`)
  if (values.test) await checkServer()
  else await ended
} finally {
  server.kill()
  await ended
}

async function answering(child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const response = await fetch(address + ROUTES.session).catch(() => undefined)
    if (response?.status === 401) return
    await wait(200)
  }
  throw new Error(`the server does not answer at ${address}`)
}

async function checkServer(): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const session = await fetch(address + ROUTES.session, { method: 'POST', headers, body: '{"organization":"northwind"}' })
  const cookie = session.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const response = await fetch(address + ROUTES.rollup, { headers: { cookie } })
  const rollup = Rollup.decode(await response.arrayBuffer())
  const { rows } = rollup.stats()
  const isWhole = rollup.digest() === response.headers.get(HEADERS.digest)
  if (!isWhole || rows === 0) throw new Error(`the rollup of the server has ${rows} rows, and its digest is ${isWhole ? '' : 'not '}right`)
  console.log(`the server serves a rollup of ${rows} requests: ${rollup.digest()}`)
}
