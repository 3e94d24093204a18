/** The commands on files: fold, inspect, merge. */
import { readFile } from 'node:fs/promises'
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
import { readText, writeWhole } from './whole-file.js'

type Row = Record<string, unknown>

/** Folds the rows of files, all of them or none. */
export async function fold(options: Options): Promise<number> {
  const rollup = new Rollup(await readText(needed(options.text('spec'), '--spec')))
  const output = needed(options.text('output'), '-o')
  const columns = rollup.spec.columns as Readonly<Record<string, string>>
  needed(options.words[0], 'the file')
  for (const path of options.words) {
    await named(options.words, path, async () => {
      for await (const part of inputsOf(path, columns)) rollup.ingest(part)
    })
  }
  await writeWhole(output, rollup.encode())
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
  for (const other of others) await named(options.words, other, async () => rollup.merge(await readFile(other)))
  await writeWhole(output, rollup.encode())
  tell(rollup, options)
  return 0
}

/** Names the file that a problem lies in, where there are several. */
async function named(all: readonly string[], path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof IsofoldError) || all.length === 1) throw error
    const problems = error.problems.map((problem) => ({ ...problem, message: `${path}: ${problem.message}` }))
    throw new IsofoldError({ code: error.code, message: `${path}: ${error.message}`, path: error.path, problems })
  }
}

function tell(rollup: Rollup, options: Options): void {
  const { groups, rows, first_bucket, last_bucket_end } = rollup.stats() as unknown as Row
  show([{ name: rollup.spec.name, groups, rows, first_bucket, last_bucket_end, digest: rollup.digest() }], options.json)
}

async function* inputsOf(path: string, columns: Readonly<Record<string, string>>): AsyncGenerator<Input> {
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return yield rowsOfCsv(await readText(path), columns)
    case '.ndjson':
    case '.jsonl':
      return yield [...linesOf(path, await readText(path))]
    case '.json':
      return yield parsed(await readText(path), path) as Row[]
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

function* linesOf(path: string, text: string): Generator<Row> {
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() !== '') yield parsed(line, `line ${at + 1} of ${path}`) as Row
  }
}

function parsed(json: string, what: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    // the words of the engine would tell back what stands there
    throw new IsofoldError({ code: 'host.argument', message: `${what} is not JSON`, path: '' })
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
  const readers = names.map((name) => readerOf(Object.hasOwn(columns, name) ? (columns[name] as string) : 'string'))
  return lines.map((line) => Object.fromEntries(names.map((name, at) => [name, line[at] ? readers[at]?.(line[at]) : null])))
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([['true', true], ['t', true], ['1', true], ['false', false], ['f', false], ['0', false]])

function readerOf(type: string): (text: string) => unknown {
  if (type === 'int64' || type.startsWith('timestamp[')) return (text) => (/^[+-]?\d+$/.test(text) ? BigInt(text) : text)
  if (type === 'float64') return (text) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : (WORDS.get(text.toLowerCase()) ?? text))
  if (type === 'bool') return (text) => BOOLEANS.get(text.toLowerCase()) ?? text
  return (text) => text
}

const WORDS: ReadonlyMap<string, number> = new Map([['inf', Infinity], ['infinity', Infinity], ['-inf', -Infinity], ['-infinity', -Infinity], ['nan', NaN]])
