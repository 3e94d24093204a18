/**
 * Steps of the set-up: told while they run, timed, and left out when nothing they read has changed.
 *
 * The one idea: a step names the files it reads; a stamp of their content in .cache/demo says that it has been done.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** Where everything that the demonstration makes for itself lies. */
export const cache = join(root, '.cache/demo')

const SILENT_MS = 2000
const REPEATED_MS = 20_000
const isTerminal = process.stderr.isTTY === true
const running = new Map()
let lastTold = 0

/** Runs `work` unless what it reads is as it was and what it makes is there; tells so when that takes a moment. */
export async function step(name, { reads = [], makes = [], and = '' }, work) {
  const stamp = stampOf(reads, and)
  const file = join(cache, 'stamps', name.replaceAll(/\W+/g, '-'))
  const isDone = existsSync(file) && readFileSync(file, 'utf8') === stamp && makes.every((path) => existsSync(path))
  if (reads.length + and.length > 0 && isDone) return
  await told(name, work)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, stamp)
}

async function told(name, work) {
  const started = performance.now()
  await watched(name, work)
  const passed = performance.now() - started
  if (passed > SILENT_MS) console.error(`  ${name.padEnd(44)} ${(passed / 1000).toFixed(1).padStart(6)} s`)
}

/** Runs `work` and tells that it is running once that takes more than a moment. */
export async function watched(name, work) {
  running.set(name, performance.now())
  const ticking = setInterval(tick, 250)
  try {
    return await work()
  } finally {
    clearInterval(ticking)
    running.delete(name)
    clear()
  }
}

/** What a program prints; its words on the other channel are part of the error when it fails. */
export async function run(program, args, { env = {}, cwd = root } = {}) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...quiet, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  let complained = ''
  child.stdout.on('data', (text) => (printed += text))
  child.stderr.on('data', (text) => (complained += text))
  const code = await new Promise((done) => {
    child.once('error', (error) => done(error.message))
    child.once('close', done)
  })
  if (code === 0) return printed
  const words = `${printed}${complained}`.trim().split('\n').slice(-30).join('\n')
  throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${words}`)
}

/** The path of a program, if there is one. */
export function found(...names) {
  const folders = (process.env.PATH ?? '').split(':')
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
}

/** Settings under which no tool phones home or colours its words. */
const quiet = { CI: '1', NO_COLOR: '1', CARGO_TERM_COLOR: 'never', DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1' }

function stampOf(paths, and) {
  const hash = createHash('sha256').update(and)
  for (const path of paths.flatMap((path) => filesOf(join(root, path)))) {
    hash.update(`${path}\0`).update(readFileSync(path))
  }
  return hash.digest('hex')
}

const GENERATED = new Set(['node_modules', 'dist', 'target', '__pycache__', 'tests'])

function filesOf(path) {
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).filter((name) => !GENERATED.has(name) && !/^\.|\.(so|pyc)$/.test(name))
  return names.sort().flatMap((name) => filesOf(join(path, name)))
}

function tick() {
  const now = performance.now()
  const slow = [...running].filter(([, started]) => now - started > SILENT_MS)
  if (slow.length === 0 || (!isTerminal && now - lastTold < REPEATED_MS)) return
  lastTold = now
  const line = slow.map(([name, started]) => `${name} ${Math.floor((now - started) / 1000)} s`).join(' · ')
  process.stderr.write(isTerminal ? `\r\x1b[K  ${line.slice(0, (process.stderr.columns ?? 100) - 3)}` : `  … ${line}\n`)
}

function clear() {
  if (isTerminal) process.stderr.write('\r\x1b[K')
}

/** Empties a folder. */
export function emptied(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
}
