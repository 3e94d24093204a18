/**
 * Rows of a Parquet file, a row group at a time.
 *
 * The one idea: times come as texts with all their digits, because a Date has none after the milliseconds.
 */
import { IsofoldError } from '../error.js'
import { load, loaded } from './load.js'

interface Hyparquet {
  asyncBufferFromFile(path: string): Promise<unknown>
  parquetMetadataAsync(file: unknown): Promise<{ row_groups: { num_rows: bigint }[] }>
  parquetSchema(metadata: object): { children: { element: { name: string } }[] }
  parquetReadObjects(options: object): Promise<Record<string, unknown>[]>
}

const parsers = {
  timestampFromMilliseconds: (ms: bigint) => instantOf(ms * 1000n),
  timestampFromMicroseconds: instantOf,
  timestampFromNanoseconds: (ns: bigint) => instantOf(floored(ns, 1000n)),
}

/** The rows of the named columns. Errors: `store.driver`, `host.argument`. */
export async function* rowsOfParquet(path: string, names: readonly string[]): AsyncGenerator<Record<string, unknown>[]> {
  const hyparquet = (await load('hyparquet')) as Hyparquet
  // snappy is built in; gzip, brotli, zstd and lz4 are not
  const { compressors } = ((await loaded('hyparquet-compressors')) ?? {}) as { compressors?: object }
  try {
    const file = await hyparquet.asyncBufferFromFile(path)
    const metadata = await hyparquet.parquetMetadataAsync(file)
    const there = hyparquet.parquetSchema(metadata).children.map(({ element }) => element.name)
    const columns = names.filter((name) => there.includes(name))
    let rowStart = 0
    for (const { num_rows } of metadata.row_groups) {
      const rowEnd = rowStart + Number(num_rows)
      yield await hyparquet.parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors, parsers })
      rowStart = rowEnd
    }
  } catch (error) {
    if (error instanceof IsofoldError || (error as { code?: string }).code === 'ENOENT') throw error
    const { message } = error as Error
    const more = message.includes('compression codec') ? ': npm install hyparquet-compressors' : ''
    throw new IsofoldError({ code: 'host.argument', message: `${path}: ${message}${more}`, path: '' })
  }
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
