/**
 * Fresh projects in which the packed package is installed.
 *
 * The one idea: everything but isofold is installed once into a cache folder, from the lock file here; a project gets
 * hard links of it, which takes a tenth of a second.
 */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const here = dirname(fileURLToPath(import.meta.url))
const MINUTES = 60_000

/** Settings under which no tool phones home or colours its words. */
const quiet = {
  ...process.env,
  CI: '1',
  NO_COLOR: '1',
  FORCE_COLOR: '0',
  NEXT_TELEMETRY_DISABLED: '1',
  DENO_NO_UPDATE_CHECK: '1',
  DO_NOT_TRACK: '1',
}

/** The tarball that tools/pack.sh made last. */
export function tarball() {
  return tarballIn('isofold-npm', 'tools/pack.sh')
}

/** The tarball that pkg/npm/release.mjs made last: `main` or `platform`. */
export function released(kind) {
  return tarballIn(`isofold-npm-release/${kind}`, 'just release-npm')
}

function tarballIn(place, maker) {
  const folder = resolve(here, '../..', process.env.CARGO_TARGET_DIR ?? 'target', place)
  const name = existsSync(folder) ? readdirSync(folder).find((file) => file.endsWith('.tgz')) : undefined
  if (name === undefined) throw new Error(`no tarball in ${folder}: run ${maker} first`)
  return join(folder, name)
}

/** A place for projects: the installed tools and the installed package. */
export class Workplace {
  #tools
  #projects

  constructor(tarball) {
    const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'isofold-packaging')
    const lock = readFileSync(join(here, 'package-lock.json'))
    this.#tools = join(cache, createHash('sha256').update(lock).digest('hex').slice(0, 16))
    this.#install()
    this.#projects = mkdtempSync(join(cache, 'run-'))
    const installed = join(this.#projects, 'installed')
    mkdirSync(installed)
    writeFileSync(join(installed, 'package.json'), '{ "name": "fresh", "private": true }\n')
    execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: installed, env: quiet })
  }

  /** A folder with a manifest, program.mjs, every tool and isofold installed, and `files` (name → text). */
  project(name, files) {
    const folder = join(this.#projects, name)
    mkdirSync(folder)
    // Hard links: the same tools for all at no cost.
    execFileSync('cp', ['-al', join(this.#tools, 'node_modules'), join(folder, 'node_modules')])
    cpSync(join(this.#projects, 'installed/node_modules/isofold'), join(folder, 'node_modules/isofold'), { recursive: true })
    const manifest = { name: 'fresh', private: true, dependencies: { isofold: '*' } }
    this.write(folder, { 'package.json': JSON.stringify(manifest), ...files })
    cpSync(join(here, 'program.mjs'), join(folder, 'program.mjs'))
    return folder
  }

  /** An empty folder that has no node_modules above it. */
  elsewhere(name) {
    const folder = join(this.#projects, 'elsewhere', name)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  /** Writes files, by name relative to `folder`. */
  write(folder, files) {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
  }

  /** Removes all projects; the tools stay. */
  remove() {
    rmSync(this.#projects, { recursive: true, force: true })
  }

  #install() {
    if (existsSync(this.#tools)) return
    console.log('installing the tools of all environments, once')
    const half = `${this.#tools}.${process.pid}`
    mkdirSync(half, { recursive: true })
    for (const file of ['package.json', 'package-lock.json']) cpSync(join(here, file), join(half, file))
    // Not `npm ci`: it wants every platform's optional packages in the lock, and mirrors lack some.
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: half, env: quiet, stdio: ['ignore', 'ignore', 'inherit'] })
    renameSync(half, this.#tools)
  }
}

/** Runs a program to its end and returns what it printed. */
export async function run(folder, program, args, env = {}) {
  try {
    const options = { cwd: folder, env: { ...quiet, ...env }, timeout: 5 * MINUTES, maxBuffer: 1 << 26 }
    const { stdout } = await promisify(execFile)(program, args, options)
    return stdout
  } catch (error) {
    throw new Error(`${program} ${args.join(' ')}\n${tail(`${error.stdout ?? ''}${error.stderr ?? ''}` || String(error))}`)
  }
}

/** The report that a program printed as its last line of JSON. */
export function reported(output) {
  const line = output.trim().split('\n').findLast((line) => line.startsWith('{'))
  if (line === undefined) throw new Error(`no report in:\n${tail(output)}`)
  return JSON.parse(line)
}

/** Runs a server while `work` goes on, and waits until it answers. */
export async function whileServing(folder, program, args, address, work) {
  const server = spawn(program, args, { cwd: folder, env: quiet, stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (words += text))
  const ended = new Promise((done) => server.once('exit', done))
  try {
    await answers(address, server, () => words)
    return await work()
  } catch (error) {
    throw new Error(`${error.message}\n${tail(words)}`)
  } finally {
    server.kill('SIGTERM')
    await ended
  }
}

async function answers(address, server, words) {
  for (const deadline = Date.now() + MINUTES; Date.now() < deadline; ) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`)
    try {
      await fetch(address)
      return
    } catch {
      await new Promise((done) => setTimeout(done, 100))
    }
  }
  throw new Error(`the server does not answer at ${address}\n${words()}`)
}

/** A port that is free now. */
export async function freePort() {
  const { createServer } = await import('node:net')
  const server = createServer()
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}

/** The JSON of an address. */
export async function getJson(address) {
  const response = await fetch(address)
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    throw new Error(`${address} answers ${response.status}: ${tail(text)}`)
  }
}

function tail(text) {
  return text.trim().split('\n').slice(-30).join('\n')
}
