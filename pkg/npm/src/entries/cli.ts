/**
 * The command: starts the program of `@isofold/cli`, where it is installed.
 *
 * The one idea: the program is one for all hosts and this package has none of its own, so it looks for the file of the
 * platform's package, from here and from `@isofold/cli`. A tarball that is made for one machine holds it beside the addon.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const
const file = process.platform === 'win32' ? 'isofold.exe' : 'isofold'

/** The program, or nothing where it is not installed. */
function find(): string | undefined {
  const own = fileURLToPath(new URL(`../native/${file}`, import.meta.url))
  if (existsSync(own)) return own
  const requires = [createRequire(import.meta.url)]
  try {
    requires.push(createRequire(createRequire(import.meta.url).resolve('@isofold/cli/package.json')))
  } catch {
    // it is not installed
  }
  const libraries = process.platform === 'linux' ? ['-gnu', '-musl'] : ['']
  for (const { resolve } of requires) {
    for (const library of libraries) {
      try {
        return resolve(`@isofold/cli-${process.platform}-${process.arch}${library}/${file}`)
      } catch {
        // the package of another library, or none
      }
    }
  }
  return undefined
}

function failed(words: string): void {
  console.error(`isofold: host.backend: ${words}`)
  process.exitCode = 1
}

const program = find()
if (program === undefined) {
  failed('the program is not installed: npm install @isofold/cli')
} else {
  const child = spawn(program, process.argv.slice(2), { stdio: 'inherit' })
  for (const signal of Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]) process.on(signal, () => child.kill(signal))
  child.on('error', ({ message }) => failed(`${program} cannot be started: ${message}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (SIGNALS[signal as keyof typeof SIGNALS] ?? 0)
  })
}
