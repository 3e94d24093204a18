/** The commands on files: fold, inspect, merge. */
import { readFile, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import type { ArrowTable } from '../arrow.js'
import { IsofoldError } from '../error.js'
import type { Input } from '../ingest.js'
import { Rollup } from '../rollup.js'
import { records } from './csv.js'
import { load } from './load.js'
import { needed, type Options } from './options.js'
import { rowsOfParquet } from './parquet.js'
import { asJson, show } from './show.js'

type Row = Record<string, unknown>

/** Folds the rows of a file. */
export async function fold(options: Options): Promise<number> {
  const rollup = new Rollup(await readFile(needed(options.text('spec'), '--spec'), 'utf8'))
  const output = needed(options.text('output'), '-o')
  const columns = rollup.spec.columns as Readonly<Record<string, string>>
  for await (const part of inputsOf(needed(options.words[0], 'the file'), columns)) rollup.ingest(part)
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

async function* inputsOf(path: string, columns: Readonly<Record<string, string>>): AsyncGenerator<Input> {
  const text = (): Promise<string> => readFile(path, 'utf8')
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return yield rowsOfCsv(await text(), columns)
    case '.ndjson':
    case '.jsonl':
      return yield (await text()).split('\n').filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Row)
    case '.json':
      return yield JSON.parse(await text()) as Row[]
    case '.parquet':
      return yield* rowsOfParquet(path, Object.keys(columns))
    case '.arrow':
    case '.feather': {
      const bytes = await readFile(path)
      const { tableFromIPC } = (await load('apache-arrow')) as { tableFromIPC: (bytes: Uint8Array) => ArrowTable }
      return yield tableOf(path, () => tableFromIPC(bytes))
    }
    default: {
      const message = `a .csv, .ndjson, .json, .parquet or .arrow file is expected, got ${path}`
      throw new IsofoldError({ code: 'host.argument', message, path: '' })
    }
  }
}

function tableOf(path: string, read: () => ArrowTable): ArrowTable {
  try {
    return read()
  } catch (error) {
    throw new IsofoldError({ code: 'host.argument', message: `${path}: ${(error as Error).message}`, path: '' })
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
