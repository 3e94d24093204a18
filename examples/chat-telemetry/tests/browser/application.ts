/**
 * The application as it is deployed: built, seeded, started; and a real Chromium that looks at it.
 *
 * The one idea: the clock of the server stands still, so that pages, numbers and pictures repeat.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type BrowserContext, chromium } from 'playwright-core'
import { ROUTES } from '@/lib/contract'

const ROOT = join(import.meta.dirname, '../..')
const MINUTES = 60_000

/** The time of the server. */
export const NOW = '2026-11-20T14:25:00Z'

/** Flags under which Chromium runs anywhere and talks to nobody else. */
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update']

/** A running application. */
export interface Application {
  /** Without a slash at the end. */
  readonly address: string
  /** Pages share its cache, as those of one reader do. */
  readonly context: BrowserContext
  /** The cookie of an organisation that signed in. */
  readonly cookie: (organization: string) => Promise<string>
  /** Records a chat request as the application's own route does. */
  readonly record: (organization: string, request: object) => Promise<void>
  readonly close: () => Promise<void>
}

/** Where an application keeps its rows, and whether it was built before. */
interface Place {
  /** An empty PostgreSQL; a PGlite of its own without one. */
  readonly url?: string
  readonly isBuilt?: boolean
}

/** Builds, seeds `rows` requests, and serves. */
export async function openApplication(rows: number, { url = '', isBuilt = false }: Place = {}): Promise<Application> {
  const folder = await mkdtemp(join(tmpdir(), 'chat-telemetry-'))
  const env = {
    ...process.env, NEXT_TELEMETRY_DISABLED: '1', DATABASE_URL: url, TELEMETRY_FOLDER: join(folder, 'pglite'),
    TELEMETRY_NOW: NOW, TELEMETRY_DEMO: '1', TELEMETRY_SECRET: 'browser tests', TELEMETRY_SCHEDULE: 'off', ISOFOLD_DATA: folder,
  }
  const port = await freePort()
  const address = `http://127.0.0.1:${port}`
  if (!isBuilt) await run(env, 'node_modules/.bin/next', 'build')
  await run(env, 'node_modules/.bin/tsx', 'scripts/seed.ts', '--rows', String(rows))
  await run(env, 'node_modules/.bin/tsx', 'scripts/refresh.ts')
  const server = spawn('node', ['node_modules/next/dist/bin/next', 'start', '-p', String(port), '-H', '127.0.0.1'], { cwd: ROOT, env, stdio: 'pipe' })
  const ended = once(server, 'exit')
  const words = collected(server)
  try {
    await answering(address, server)
  } catch (error) {
    server.kill()
    throw new Error(`${String(error)}\n${words()}`)
  }
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS })
  const context = await browser.newContext()
  const cookie = (organization: string): Promise<string> => signedIn(address, organization)
  return {
    address,
    context,
    cookie,
    record: async (organization, request) => {
      const headers = { cookie: await cookie(organization), 'content-type': 'application/json' }
      const response = await fetch(address + ROUTES.record, { method: 'POST', headers, body: JSON.stringify(request) })
      if (!response.ok) throw new Error(`recording answers ${response.status}: ${await response.text()}`)
    },
    close: async () => {
      await browser.close()
      server.kill()
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function signedIn(address: string, organization: string): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(address + ROUTES.session, { method: 'POST', headers, body: JSON.stringify({ organization }) })
  const [cookie] = response.headers.getSetCookie()
  if (cookie === undefined) throw new Error(`no cookie for ${organization}: ${response.status} ${await response.text()}`)
  return cookie.split(';')[0] as string
}

async function run(env: NodeJS.ProcessEnv, program: string, ...args: string[]): Promise<void> {
  try {
    await promisify(execFile)(program, args, { cwd: ROOT, env, timeout: 3 * MINUTES, maxBuffer: 1 << 25 })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`${program} ${args.join(' ')}\n${(stdout + stderr).split('\n').slice(-40).join('\n')}`)
  }
}

function collected({ stdout, stderr }: ChildProcess): () => string {
  let words = ''
  for (const stream of [stdout, stderr]) stream?.on('data', (text: Buffer) => (words = (words + text).slice(-4000)))
  return () => words
}

async function answering(address: string, server: ChildProcess): Promise<void> {
  for (const deadline = Date.now() + MINUTES; Date.now() < deadline; await wait(100)) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`)
    const response = await fetch(address + ROUTES.session).catch(() => undefined)
    if (response?.status === 401) return
  }
  throw new Error(`the server does not answer at ${address}`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}
