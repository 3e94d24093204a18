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
  readonly logical_type?: { readonly type: string; readonly isAdjustedToUTC?: boolean }
}

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
      const local = declared.filter((element) => isLocal(element, rollup)).map(({ name }) => name)
      const columns = declared.map(({ name }) => name)
      let rowStart = 0
      for (const { num_rows } of metadata.row_groups) {
        const rowEnd = rowStart + Number(num_rows)
        const rows = await hyparquet.parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors, parsers })
        for (const row of rows) {
          for (const name of local) row[name] = String(row[name] ?? '').replace(/Z$/, '') || null
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

/** Whether times of a column have no zone, and the column says whose clocks they were read off. */
function isLocal({ name, logical_type }: Element, rollup: Rollup): boolean {
  const column = rollup.spec.columns[name]
  const isTold = typeof column === 'object' && column.timezone !== undefined
  return isTold && (logical_type?.type === 'DATE' || (logical_type?.type === 'TIMESTAMP' && logical_type.isAdjustedToUTC === false))
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
