/** What every entry exports besides `init` and `backend`. */
export { IsofoldError, type Problem } from './error.js'
export type { ArrowTable } from './arrow.js'
export type { CodedTexts, Columns, ColumnInput, ColumnsOf } from './columns.js'
export type { AsyncInput, Input } from './ingest.js'
export { Result, type Cell, type ColumnValues, type Count, type Warning } from './result.js'
export { Rollup } from './rollup.js'
export type { Row } from './rows.js'
export type { StoredRow } from './stored-rows.js'
export type {
  Bucket,
  BucketOptions,
  Budget,
  CoarsenOptions,
  ColumnOptions,
  ColumnType,
  GroupBy,
  Ingested,
  IngestOptions,
  Query,
  Report,
  RollupOptions,
  RowsOptions,
  Spec,
  Stats,
  StoredRowsOptions,
  Time,
} from './spec.js'
export { tzdbVersion, version } from './version.js'
