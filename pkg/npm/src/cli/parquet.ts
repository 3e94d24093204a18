/**
 * Rows of a Parquet file, a row group at a time.
 *
 * The one idea: times come as texts with all their digits, because a Date has none after the milliseconds.
 */
import { IsofoldError } from '../error.js'
import type { Rollup } from '../rollup.js'
import { load, loaded } from './load.js'

type Row = Record<string, unknown>

interface Hyparquet {
  asyncBufferFromFile(path: string): Promise<unknown>
  parquetMetadataAsync(file: unknown): Promise<{ row_groups: { num_rows: bigint }[] }>
  parquetSchema(metadata: object): { children: { element: Element }[] }
  parquetReadObjects(options: object): Promise<Row[]>
}

interface Element {
  readonly name: string
  readonly type?: string
  readonly converted_type?: string
  readonly logical_type?: { readonly type: string; readonly isAdjustedToUTC?: boolean }
}

/** What the times of a column are: instants, or what a clock showed. */
type Times = 'instants' | 'local'

const parsers = {
  timestampFromMilliseconds: (ms: bigint) => instantOf(ms * 1000n),
  timestampFromMicroseconds: instantOf,
  timestampFromNanoseconds: (ns: bigint) => instantOf(floored(ns, 1000n)),
}

/** The rows of the declared columns, and of all columns where that `isStrict`. Errors: `store.driver`, `host.argument`. */
export async function rowsOfParquet(path: string, rollup: Rollup, isStrict: boolean): Promise<AsyncIterable<Row>> {
  const hyparquet = (await load('hyparquet')) as Hyparquet
  // snappy is built in; gzip, brotli, zstd and lz4 are not
  const { compressors } = ((await loaded('hyparquet-compressors')) ?? {}) as { compressors?: object }
  return (async function* () {
    try {
      const file = await hyparquet.asyncBufferFromFile(path)
      const metadata = await hyparquet.parquetMetadataAsync(file)
      const elements = hyparquet.parquetSchema(metadata).children.map(({ element }) => element)
      // without rows: a declared column that the file lacks is refused
      rollup.ingest(Object.fromEntries(elements.map(({ name }) => [name, []])))
      const declared = elements.filter(({ name }) => isStrict || Object.hasOwn(rollup.spec.columns, name))
      const times = declared.map((element) => [element.name, timesOf(element), isTime(element.name, rollup)] as const)
      const columns = declared.map(({ name }) => name)
      let rowStart = 0
      for (const { num_rows } of metadata.row_groups) {
        const rowEnd = rowStart + Number(num_rows)
        const rows = await hyparquet.parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors, parsers })
        for (const row of rows) {
          for (const [name, kind, isWanted] of times) {
            if (kind !== undefined) row[name] = timeOf(row[name], kind, isWanted)
          }
          yield row
        }
        rowStart = rowEnd
      }
    } catch (error) {
      if (error instanceof IsofoldError || (error as { code?: string }).code === 'ENOENT') throw error
      const { message } = error as Error
      const more = message.includes('compression codec') ? ': npm install hyparquet-compressors' : ''
      throw new IsofoldError({ code: 'host.argument', message: `${path}: ${message}${more}`, path: '' })
    }
  })()
}

/** What the values of a column are when they are times: a type of the older format is in UTC, unless it is `INT96`. */
function timesOf({ type, converted_type, logical_type }: Element): Times | undefined {
  if (logical_type?.type === 'TIMESTAMP') return logical_type.isAdjustedToUTC === false ? 'local' : 'instants'
  if (converted_type?.startsWith('TIMESTAMP_')) return 'instants'
  return logical_type?.type === 'DATE' || converted_type === 'DATE' || type === 'INT96' ? 'local' : undefined
}

/** Whether a column takes times. */
function isTime(name: string, rollup: Rollup): boolean {
  const column = rollup.spec.columns[name]
  return String(typeof column === 'object' ? column.type : column).startsWith('timestamp')
}

/** A time as the kernel takes it: a text, without a zone where it has none; a Date where no time is taken. */
function timeOf(value: unknown, kind: Times, isWanted: boolean): unknown {
  if (value == null) return null
  const text = value instanceof Date ? value.toISOString() : String(value)
  if (!isWanted) return new Date(text)
  return kind === 'local' ? text.replace(/Z$/, '') : text
}

/** A time in ISO 8601. */
function instantOf(micros: bigint): string {
  const seconds = floored(micros, 1_000_000n)
  const fraction = String(micros - seconds * 1_000_000n).padStart(6, '0')
  return new Date(Number(seconds) * 1000).toISOString().replace('.000Z', `.${fraction}Z`)
}

function floored(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return quotient * by > value ? quotient - 1n : quotient
}
