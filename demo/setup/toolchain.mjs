/** A Rust toolchain, when the machine has none: rustup, else Debian's packages, else a message that says what to do. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { found, run, step } from './steps.mjs'

const OLDEST_RUST = [1, 88]
const OLDEST_NODE = [20, 16]
const OLDEST_PYTHON = [3, 10]

/** Makes cargo reachable. Errors: a tool that is missing or too old and cannot be had. */
export async function requireTools() {
  requireVersion('Node', process.versions.node, OLDEST_NODE, 'install it from nodejs.org')
  const python = await versionOf('python3')
  if (python === undefined) throw new Error("python3 is missing: on Debian and Ubuntu, 'apt-get install python3 python3-venv'")
  requireVersion('Python', python, OLDEST_PYTHON, 'install a newer one')

  process.env.PATH += `:${join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'bin')}`
  if (isNewEnough(await versionOf('rustc'))) return
  await step('Rust toolchain', {}, installRust)
  requireVersion('Rust', (await versionOf('rustc')) ?? '0', OLDEST_RUST, "'rustup update stable', or see rustup.rs")
}

async function installRust() {
  const attempts = []
  if (found('rustup')) attempts.push(['rustup', ['toolchain', 'install', 'stable', '--profile', 'minimal']])
  else if (found('curl')) attempts.push(['sh', ['-c', "curl --proto '=https' -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal"]])
  if (found('apt-get') && process.getuid?.() === 0) {
    attempts.push(['sh', ['-c', 'apt-get update -qq && apt-get install -y -qq --no-install-recommends rustc-web cargo-web rust-web-src gcc libc6-dev lld']])
  }
  const problems = []
  for (const [program, args] of attempts) {
    try {
      await run(program, args, { env: { DEBIAN_FRONTEND: 'noninteractive' } })
      if (isNewEnough(await versionOf('rustc'))) return
    } catch (error) {
      problems.push(error.message)
    }
  }
  const advice = "no Rust toolchain: install one from rustup.rs, or on Debian and Ubuntu 'apt-get install rustc-web cargo-web rust-web-src'"
  throw new Error([advice, ...problems].join('\n'))
}

async function versionOf(program) {
  const words = await run(program, ['--version']).catch(() => '')
  return /\d+\.\d+(\.\d+)?/.exec(words)?.[0]
}

function isNewEnough(version) {
  return version !== undefined && isAtLeast(version, OLDEST_RUST)
}

function isAtLeast(version, [major, minor]) {
  const [hasMajor, hasMinor] = version.split('.').map(Number)
  return hasMajor > major || (hasMajor === major && hasMinor >= minor)
}

function requireVersion(name, version, oldest, advice) {
  if (!isAtLeast(version, oldest)) throw new Error(`${name} must be ${oldest.join('.')} or newer, got ${version}: ${advice}`)
}
