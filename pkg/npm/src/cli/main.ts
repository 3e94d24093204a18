/**
 * The command `isofold`: rollups in a database kept fresh, and rollups in files.
 *
 * Exit codes: 0 done; 1 a problem, told on stderr with its code; 2 a wrong command line; 3 `check` found a rollup that
 * is not fresh. The words are those of the Python package.
 */
import { IsofoldError, type Problem } from '../error.js'
import { version } from '../version.js'
import * as database from './database.js'
import * as files from './files.js'
import { type Options, UsageError, usage, wordsOf } from './options.js'
import { complain, hidePasswordsOf } from './secrets.js'

type Command = (options: Options) => Promise<number>

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['init', database.init],
  ['refresh', database.refresh],
  ['check', database.check],
  ['query', database.query],
  ['prune', database.prune],
  ['run', database.run],
  ['fold', files.fold],
  ['inspect', files.inspect],
  ['merge', files.merge],
])

const PROBLEM = 1
const USAGE = 2

/** Runs a command line and gives its exit code. */
export async function main(words: readonly string[]): Promise<number> {
  try {
    for (const word of [...words, process.env.ISOFOLD_DATABASE ?? '']) hidePasswordsOf(word)
    const [name = '', ...rest] = words
    if (name === '--version') return said(`isofold ${version}`)
    if (name === '--help' || name === '-h' || rest.includes('--help')) return said(usage())
    const command = COMMANDS.get(name)
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

/** Tells of what ended the command, and gives its exit code. */
export function told(error: unknown): number {
  if (error instanceof UsageError) {
    complain(`${error.message}\n\n${usage()}`)
    return USAGE
  }
  for (const { code, message, path } of problemsOf(error)) complain(`${code}: ${message}${path && ` (${path})`}`)
  return PROBLEM
}

function problemsOf(error: unknown): readonly Problem[] {
  if (error instanceof IsofoldError) return error.problems
  const { code, path, message, syscall } = (error ?? {}) as { code?: string; path?: string; message?: string; syscall?: string }
  if (code === 'ENOENT' && path !== undefined) return [{ code: 'host.argument', message: `no such file: ${path}`, path: '' }]
  if (syscall !== undefined) return [{ code: 'host.argument', message: message ?? String(code), path: '' }]
  const words = message ?? String(error)
  return [{ code: 'host.panic', message: `a defect of isofold stopped this command, please report it: ${words}`, path: '' }]
}
