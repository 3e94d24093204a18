/** Every host of the demonstration: whether the machine has it, how to get it, and how it is called. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { built } from './setup/build.mjs'
import { cache, found, root, run } from './setup/steps.mjs'

/** Where the first host leaves its rollup. */
export const folded = join(cache, 'demo.isofold')

const script = (name) => join(root, 'demo/hosts', name)
const THREADS = availableParallelism()
const ALL = 'or: just demo --all'

/** A program of the npm packages installed for the demonstration, or one of the machine. */
const installed = (name) => {
  const own = join(built.modules, '.bin', name)
  return existsSync(own) ? own : found(name)
}
const chromium = () => process.env.CHROMIUM ?? found('chromium', 'chromium-browser', 'google-chrome')
const node = process.execPath

/** `program` gives what runs the host, or nothing where the machine lacks it; `args` what it is called with. */
export const hosts = [
  rust(1, ['--out', folded]),
  ...(THREADS > 1 ? [rust(THREADS)] : []),
  {
    name: 'Python',
    threads: THREADS,
    program: () => built.python,
    args: (spec, data) => [script('python_host.py'), spec, data],
  },
  file('Node', 'addon', () => node),
  file('Node', 'wasm', () => node),
  {
    name: 'Chromium',
    program: () => chromium() && node,
    args: (spec, data) => [script('chromium_host.mjs'), spec, data],
    env: () => ({ CHROMIUM: chromium() }),
    absent: `apt-get install chromium, ${ALL}`,
  },
  file('Deno', 'wasm', () => installed('deno'), ['run', '--no-prompt', '--allow-read', '--allow-env']),
  file('Bun', 'addon', () => installed('bun')),
  file('Bun', 'wasm', () => installed('bun')),
  {
    name: 'workerd',
    program: () => installed('workerd') && node,
    args: (spec, data) => [script('workerd_host.mjs'), spec, data, installed('workerd')],
    absent: `npm install workerd, ${ALL}`,
  },
]

function rust(threads, rest = []) {
  return {
    name: 'Rust',
    threads,
    program: () => built.demo,
    args: (spec, data) => ['fold', '--spec', spec, '--data', data, '--threads', String(threads), ...rest],
  }
}

function file(name, backend, program, before = []) {
  return {
    name,
    program,
    args: (spec, data) => [...before, script('file_host.mjs'), spec, data, backend],
    absent: `npm install ${name.toLowerCase()}, ${ALL}`,
  }
}

/** The report of a host: what it folded and how fast, or the problem it had. */
export async function report(host, spec, data) {
  const { name, threads = 1 } = host
  try {
    const printed = await run(host.program(), host.args(spec, data), { env: host.env?.() ?? {} })
    return { name, threads, ...JSON.parse(printed.trim().split('\n').at(-1)) }
  } catch (error) {
    return { name, threads, problem: error.message }
  }
}
