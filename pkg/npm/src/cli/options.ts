/** Words of a command line. */
import { parseArgs } from 'node:util'

/** The options of a command, and the words that are none. */
export interface Options {
  readonly json: boolean
  readonly words: readonly string[]
  /** The value of an option that is given once. */
  readonly text: (name: string) => string | undefined
  /** The values of an option that may be given again. */
  readonly texts: (name: string) => readonly string[]
  readonly has: (name: string) => boolean
}

/** A command line that means nothing. */
export class UsageError extends Error {}

const STORE = ['catalog', 'database']
const QUERY = ['start', 'end', 'where', 'having', 'timezone', 'bucket', 'group-by', 'select', 'order-by', 'limit']

/** The options that take a value, of each command. */
const TEXTS: Readonly<Record<string, readonly string[]>> = {
  init: STORE,
  refresh: [...STORE, 'rollup', 'since'],
  check: STORE,
  query: [...STORE, ...QUERY],
  prune: STORE,
  run: [...STORE, 'rounds'],
  fold: ['spec', 'output', 'on-row-error'],
  inspect: [],
  merge: ['output'],
}

/** What every command takes. */
export function usage(): string {
  return [
    'usage: isofold init|refresh|check|query|prune|run|fold|inspect|merge [--json] …',
    '',
    '  init      make the tables, or bring them up to the catalog',
    '  refresh   build what is due: [--rollup NAME]… [--since T] [--force]',
    '  check     how fresh is every rollup; exit code 3 when one is not',
    '  query     answer a query: ROLLUP [JSON] [--start T] [--end T] [--bucket WIDTH|none] [--group-by A,B]',
    '            [--select A,B] [--where C] [--having C] [--order-by A,B] [--timezone Z] [--limit N]',
    '  prune     drop what the retentions no longer keep',
    '  run       refresh and prune on the schedule of the catalog until stopped: [--rounds N]',
    '  fold      fold the rows of .csv, .ndjson, .json, .parquet or .arrow files: FILE… --spec SPEC -o OUT',
    '            [--strict] [--on-row-error stop|skip]',
    '  inspect   tell what the bytes of a rollup hold: FILE',
    '  merge     merge the bytes of rollups: FILE… -o OUT',
    '',
    '  --catalog FILE   the catalog (default: $ISOFOLD_CATALOG or isofold.json)',
    '  --database URL   postgresql://… or host=… dbname=… (needs pg), or pglite:DIR (default: $ISOFOLD_DATABASE)',
  ].join('\n')
}

/** Reads the words after a command. */
export function wordsOf(command: string, words: readonly string[]): Options {
  const options: Record<string, { type: 'string' | 'boolean'; multiple?: boolean; short?: string }> = {
    json: { type: 'boolean' },
  }
  for (const name of TEXTS[command] ?? []) options[name] = { type: 'string', multiple: name === 'rollup' }
  if (options.output !== undefined) options.output.short = 'o'
  if (command === 'refresh') options.force = { type: 'boolean' }
  if (command === 'fold') options.strict = { type: 'boolean' }
  let parsed
  try {
    parsed = parseArgs({ args: [...words], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
  const values = parsed.values as Record<string, string | boolean | string[] | undefined>
  return {
    json: values.json === true,
    words: parsed.positionals,
    text: (name) => values[name] as string | undefined,
    texts: (name) => (values[name] as string[] | undefined) ?? [],
    has: (name) => values[name] === true,
  }
}

/** A word that has to be there. */
export function needed(value: string | undefined, what: string): string {
  if (value === undefined) throw new UsageError(`${what} is missing`)
  return value
}
