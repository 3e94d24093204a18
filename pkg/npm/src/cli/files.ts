/** The commands on files: fold, inspect, merge. */
import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { ArrowTable } from '../arrow.js'
import { IsofoldError } from '../error.js'
import type { AsyncInput } from '../ingest.js'
import { Rollup } from '../rollup.js'
import type { IngestOptions, Report } from '../spec.js'
import { type CsvRecord, records } from './csv.js'
import { parseExactly } from './json.js'
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
  needed(options.words[0], 'the file')
  const how: IngestOptions = {
    // in a file, a column that no row has is one that is spelled otherwise
    strict: options.has('strict') || 'columns',
    on_row_error: (options.text('on-row-error') ?? 'stop') as 'stop' | 'skip',
  }
  const reports: Report[] = []
  for (const path of options.words) {
    await named(options.words, path, async () => {
      const report: number | Report = await rollup.ingestAsync(await inputOf(path, rollup, how.strict === true), how)
      if (typeof report !== 'number') reports.push(report)
    })
  }
  await writeWhole(output, rollup.encode())
  tell(rollup, options, reports)
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

function tell(rollup: Rollup, options: Options, reports: readonly Report[] = []): void {
  const { groups, rows, first_bucket, last_bucket_end } = rollup.stats() as unknown as Row
  const told: Row = { name: rollup.spec.name, groups, rows, first_bucket, last_bucket_end, digest: rollup.digest() }
  if (reports.length > 0) {
    told.skipped = reports.reduce((sum, { skipped }) => sum + skipped, 0)
    for (const [at, { errors }] of reports.entries()) {
      for (const [code, { count, first }] of Object.entries(errors)) {
        const where = reports.length > 1 ? `${options.words[at] ?? ''}: ` : ''
        const example = first[0] === undefined ? '' : `, the first: ${first[0].message} (${first[0].path})`
        console.error(`isofold: ${where}${count} rows are left out for ${code}${example}`)
      }
    }
  }
  show([told], options.json)
}

/** What a file holds; `isStrict` wants the columns that are not declared, too. */
async function inputOf(path: string, rollup: Rollup, isStrict: boolean): Promise<AsyncInput> {
  const types = typesOf(rollup)
  switch (extname(path).toLowerCase()) {
    case '.csv':
      return rowsOfCsv(path, await readText(path), rollup, types, isStrict)
    case '.ndjson':
    case '.jsonl':
      return linesOf(path, await readText(path))
    case '.json':
      return parsed(await readText(path), path) as Row[]
    case '.parquet':
      return await rowsOfParquet(path, rollup, isStrict)
    case '.arrow':
    case '.feather': {
      const bytes = await readFile(path)
      const { tableFromIPC } = (await load('apache-arrow')) as { tableFromIPC: (bytes: Uint8Array) => ArrowTable }
      return tableOf(path, () => tableFromIPC(bytes))
    }
    default: {
      const message = `a .csv, .ndjson, .json, .parquet or .arrow file is expected, got ${path}`
      throw new IsofoldError({ code: 'host.argument', message, path: '' })
    }
  }
}

function typesOf(rollup: Rollup): ReadonlyMap<string, string> {
  const columns = Object.entries(rollup.spec.columns)
  return new Map(columns.map(([name, column]) => [name, typeof column === 'string' ? column : column.type]))
}

/** What is handed over in the place of a row that cannot be read: it is refused, or left out and counted, as a bad row. */
function unread(message: string): IsofoldError {
  return new IsofoldError({ code: 'ingest.row', message, path: '' })
}

function* linesOf(path: string, text: string): Generator<object> {
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() !== '') yield rowOf(line, `line ${at + 1} of ${basename(path)}`)
  }
}

function rowOf(line: string, place: string): object {
  let row: unknown
  try {
    row = parsed(line, place)
  } catch (error) {
    return unread((error as Error).message)
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row
  const kind = row === null ? 'null' : Array.isArray(row) ? 'an array' : typeof row === 'string' ? 'a text' : typeof row === 'boolean' ? 'a boolean' : 'a number'
  return unread(`${place} is ${kind}, a row is an object`)
}

function parsed(json: string, what: string): unknown {
  try {
    return parseExactly(json)
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
function* rowsOfCsv(path: string, text: string, rollup: Rollup, types: ReadonlyMap<string, string>, isStrict: boolean): Generator<object> {
  const lines = records(text)
  const first = lines.next().value as CsvRecord | undefined
  if (first?.problem !== undefined) {
    throw new IsofoldError({ code: 'host.argument', message: `line ${first.line} of ${basename(path)} ${first.problem}`, path: '' })
  }
  const header = first?.fields ?? []
  const twice = header.find((name, at) => types.has(name) && header.indexOf(name) !== at)
  if (twice !== undefined) {
    throw new IsofoldError({ code: 'ingest.column', message: 'the column is given twice', path: `column.${twice}` })
  }
  // without rows: a declared column that the header lacks is refused
  rollup.ingest(Object.fromEntries(header.map((name) => [name, []])))
  const wanted = [...header.entries()].filter(([, name]) => isStrict || types.has(name))
  const readers = wanted.map(([at, name]) => [at, name, readerOf(types.get(name) ?? 'string')] as const)
  for (const { line, fields, problem } of lines) {
    const place = `line ${line} of ${basename(path)}`
    if (problem !== undefined) yield unread(`${place} ${problem}`)
    else if (fields.length !== header.length) yield unread(`${place} has ${fields.length} fields, its header ${header.length}`)
    else yield Object.fromEntries(readers.map(([at, name, read]) => [name, fields[at] ? read(fields[at]) : null]))
  }
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([['true', true], ['t', true], ['1', true], ['false', false], ['f', false], ['0', false]])

function readerOf(type: string): (text: string) => unknown {
  if (type === 'int64') return (text) => (/^[+-]?\d+$/.test(text) ? BigInt(text) : text)
  if (type === 'float64') return (text) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : (WORDS.get(text.toLowerCase()) ?? text))
  if (type === 'bool') return (text) => BOOLEANS.get(text.toLowerCase()) ?? text
  return (text) => text
}

const WORDS: ReadonlyMap<string, number> = new Map([['inf', Infinity], ['infinity', Infinity], ['-inf', -Infinity], ['-infinity', -Infinity], ['nan', NaN]])
