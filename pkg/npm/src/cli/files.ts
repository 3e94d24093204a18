/** The commands on files: fold, inspect, merge. */
import { readFile, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { IsofoldError } from '../error.js'
import { Rollup } from '../rollup.js'
import { records } from './csv.js'
import { needed, type Options } from './options.js'
import { asJson, show } from './show.js'

type Row = Record<string, unknown>

/** Folds the rows of a file. */
export async function fold(options: Options): Promise<number> {
  const rollup = new Rollup(await readFile(needed(options.text('spec'), '--spec'), 'utf8'))
  const output = needed(options.text('output'), '-o')
  const columns = rollup.spec.columns as Readonly<Record<string, string>>
  rollup.ingest(rowsOf(needed(options.words[0], 'the file'), await readFile(needed(options.words[0], 'the file'), 'utf8'), columns))
  await writeFile(output, rollup.encode())
  tell(rollup, options)
  return 0
}

/** Tells what the bytes of a rollup hold. */
export async function inspect(options: Options): Promise<number> {
  const rollup = Rollup.decode(await readFile(needed(options.words[0], 'the file')))
  if (options.json) {
    console.log(asJson({ digest: rollup.digest(), stats: rollup.stats(), spec: rollup.spec }))
  } else {
    tell(rollup, options)
    console.log(JSON.stringify(rollup.spec, null, 2))
  }
  return 0
}

/** Merges the bytes of rollups. */
export async function merge(options: Options): Promise<number> {
  const output = needed(options.text('output'), '-o')
  const [first, ...others] = options.words
  const rollup = Rollup.decode(await readFile(needed(first, 'the first file')))
  for (const other of others) rollup.merge(await readFile(other))
  await writeFile(output, rollup.encode())
  tell(rollup, options)
  return 0
}

function tell(rollup: Rollup, options: Options): void {
  const { groups, rows, first_bucket, last_bucket_end } = rollup.stats() as unknown as Row
  show([{ name: rollup.spec.name, groups, rows, first_bucket, last_bucket_end, digest: rollup.digest() }], options.json)
}

function rowsOf(path: string, text: string, columns: Readonly<Record<string, string>>): Row[] {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return rowsOfCsv(text, columns)
    case '.ndjson':
    case '.jsonl':
      return text.split('\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Row)
    case '.json':
      return JSON.parse(text) as Row[]
    default: {
      const message = `a .csv, .ndjson or .json file is expected, got ${path}`
      throw new IsofoldError({ code: 'host.argument', message, path: '' })
    }
  }
}

/** Texts by the declared types; an empty field is NULL. What cannot be read stays a text, and is refused. */
function rowsOfCsv(text: string, columns: Readonly<Record<string, string>>): Row[] {
  const [names = [], ...lines] = [...records(text)]
  const readers = names.map((name) => readerOf(columns[name] ?? 'string'))
  return lines.map((line) => Object.fromEntries(names.map((name, at) => [name, line[at] ? readers[at]?.(line[at]) : null])))
}

const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, t: true, 1: true, false: false, f: false, 0: false }

function readerOf(type: string): (text: string) => unknown {
  if (type === 'int64' || type.startsWith('timestamp[')) return (text) => (/^[+-]?\d+$/.test(text) ? BigInt(text) : text)
  if (type === 'float64') return (text) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : (WORDS[text.toLowerCase()] ?? text))
  if (type === 'bool') return (text) => BOOLEANS[text.toLowerCase()] ?? text
  return (text) => text
}

const WORDS: Readonly<Record<string, number>> = { inf: Infinity, infinity: Infinity, '-inf': -Infinity, '-infinity': -Infinity, nan: NaN }
