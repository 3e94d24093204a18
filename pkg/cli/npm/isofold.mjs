#!/usr/bin/env node
/** Starts the program of this machine's package, `@isofold/cli-<platform>-<arch>[-libc]`. */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const file = process.platform === 'win32' ? 'isofold.exe' : 'isofold'

/** The program, or nothing where its package is not installed. */
export function find() {
  const libraries = process.platform === 'linux' ? ['-gnu', '-musl'] : ['']
  for (const library of libraries) {
    try {
      return require.resolve(`@isofold/cli-${process.platform}-${process.arch}${library}/${file}`)
    } catch {
      // the package of another library, or none
    }
  }
  return undefined
}

/** Runs the program with these words, and ends as it does. */
export function run(program, words) {
  const child = spawn(program, words, { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', ({ message }) => {
    console.error(`isofold: host.backend: ${program} cannot be started: ${message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + ({ SIGHUP: 1, SIGINT: 2, SIGTERM: 15 }[signal] ?? 0)
  })
}

const program = find()
if (program === undefined) {
  console.error(`isofold: host.backend: no program for ${process.platform} ${process.arch} is installed; npm leaves it out with --omit=optional`)
  process.exitCode = 1
} else {
  run(program, process.argv.slice(2))
}
