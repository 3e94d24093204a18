/**
 * The command `isofold`: rollups in a database kept fresh, and rollups in files.
 *
 * Exit codes: 0 done; 1 a problem, told on stderr with its code; 2 a wrong command line; 3 `check` found a rollup that
 * is not fresh. The words are those of the Python package.
 */
import { IsofoldError } from '../error.js'
import { version } from '../version.js'
import * as database from './database.js'
import * as files from './files.js'
import { type Options, UsageError, usage, wordsOf } from './options.js'

type Command = (options: Options) => Promise<number>

const COMMANDS: Readonly<Record<string, Command>> = {
  init: database.init,
  refresh: database.refresh,
  check: database.check,
  query: database.query,
  prune: database.prune,
  run: database.run,
  fold: files.fold,
  inspect: files.inspect,
  merge: files.merge,
}

const PROBLEM = 1
const USAGE = 2

/** Runs a command line and gives its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    const [name = '', ...rest] = words
    if (name === '--version') return said(`isofold ${version}`)
    if (name === '--help' || name === '-h' || rest.includes('--help')) return said(usage())
    const command = COMMANDS[name]
    if (command === undefined) throw new UsageError(`there is no command ${name || '(none)'}`)
    return await command(wordsOf(name, rest))
  } catch (error) {
    return told(error)
  }
}

function said(text: string): number {
  console.log(text)
  return 0
}

function told(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`isofold: ${error.message}\n\n${usage()}`)
    return USAGE
  }
  if (error instanceof IsofoldError) {
    for (const { code, message, path } of error.problems) console.error(`isofold: ${code}: ${message}${path && ` (${path})`}`)
    return PROBLEM
  }
  const { code, path, message } = error as { code?: string; path?: string; message?: string }
  console.error(`isofold: ${code === 'ENOENT' ? `no such file: ${path}` : (message ?? String(error))}`)
  return PROBLEM
}
