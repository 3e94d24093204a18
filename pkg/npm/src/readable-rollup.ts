/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What a rollup says of itself, without being changed.
 *
 * Not here: the verbs that make and change one (`rollup.ts`).
 */
import { own } from './arrays.js'
import { call, callAsync } from './call.js'
import { Handle } from './handle.js'
import type { RawRollup } from './kernel.js'
import { type Cell, Result } from './result.js'
import { type Query, rowsJson, type RowsOptions, type Spec, type Stats, toJson } from './spec.js'
import { rowsOf, type StoredRow } from './stored-rows.js'

/**
 * What the package holds of a rollup; `undefined` for what is no rollup of this copy of the package.
 *
 * @internal
 */
export let handleOf: (value: unknown) => Handle | undefined

/** A rollup that can be read and given back. */
export class ReadableRollup {
  readonly #handle: Handle

  static {
    handleOf = (value) => (typeof value === 'object' && value !== null && #handle in value ? value.#handle : undefined)
  }

  /** @internal */
  protected constructor(raw: RawRollup) {
    this.#handle = new Handle(raw)
  }

  /**
   * Gives every group as a row, by bucket and key: the bucket, the keys, the metrics, and the states as bytes in
   * the column state, so that a rollup can live in any table.
   *
   * Timestamps are Dates, the state is a Uint8Array, decimals the nearest numbers, or for `{ decimals: 'text' }`
   * texts with all their digits. On the native addon alone: elsewhere `store.driver`.
   *
   * **Cost** Linear in groups × states, and a sort of the groups.
   *
   * @returns The rows.
   * @throws `spec.duplicate`, `expr.*`, `limit.result`, `store.driver`, `host.argument`.
   * @example
   * ```ts
   * const [row] = rollup.rows()
   * [row.model, row.n, row.state instanceof Uint8Array] // → ['o3', 1, true]
   * ```
   */
  rows(options: RowsOptions = {}): (Record<string, Cell> & StoredRow)[] {
    return rowsOf(this.#handle, rowsJson(options))
  }

  /**
   * Writes the rollup as bytes, the only ones for its content.
   *
   * **Cost** Linear in the bytes, and a sort of the groups.
   *
   * @returns The bytes.
   * @example
   * ```ts
   * rollup.encode() instanceof Uint8Array // → true
   * ```
   */
  encode(): Uint8Array {
    return own(this.#call((raw) => raw.encode()))
  }

  /**
   * Writes the rollup as bytes as `encode` does, in Node off the calling thread.
   *
   * @returns The bytes.
   * @example
   * ```ts
   * (await rollup.encodeAsync()) instanceof Uint8Array // → true
   * ```
   */
  async encodeAsync(): Promise<Uint8Array> {
    const { raw } = this.#handle
    return own(await callAsync(() => raw.encodeAsync?.() ?? raw.encode()))
  }

  /**
   * Gives the SHA-256 of `encode`, in hexadecimal, to compare rollups between hosts.
   *
   * @returns 64 hexadecimal digits.
   * @example
   * ```ts
   * rollup.digest().length // → 64
   * ```
   */
  digest(): string {
    return this.#call((raw) => raw.digest())
  }

  /**
   * The number of groups.
   *
   * @example
   * ```ts
   * rollup.size // → 2
   * ```
   */
  get size(): number {
    return this.#call((raw) => raw.size())
  }

  /**
   * The normalised spec.
   *
   * @example
   * ```ts
   * rollup.spec.time // → 'ts'
   * ```
   */
  get spec(): Spec {
    return JSON.parse(this.#call((raw) => raw.spec())) as Spec
  }

  /**
   * Whether equal rows always give equal bytes; false when a metric uses `tdigest`.
   *
   * @example
   * ```ts
   * rollup.canonical // → true
   * ```
   */
  get canonical(): boolean {
    return this.#call((raw) => raw.canonical())
  }

  /**
   * Tells what the rollup holds: groups, rows, NaNs by column, first_bucket, last_bucket_end, memory_bytes.
   *
   * @returns An object of these numbers; times are ISO 8601 texts.
   * @example
   * ```ts
   * const { groups, rows, first_bucket } = rollup.stats()
   * [groups, rows, first_bucket] // → [2, 2, '2026-11-01T10:00:00Z']
   * ```
   */
  stats(): Stats {
    return JSON.parse(this.#call((raw) => raw.stats())) as Stats
  }

  /**
   * Reads metrics, over stored states alone.
   *
   * **Accuracy** Counts and integer sums are exact, other sums, means and variances correctly rounded,
   * percentiles within 0.5415 % of the order statistic while dense values spread over at most 16 octaves
   * (`percentile_error` tells what is attained; whole numbers to 92 are exact), ranks and histograms such that
   * values up to 1.09 % above a bound can count as below it (`count(*) filter (where ms <= 500)` is exact),
   * distinct counts exact up to 256 values, then with 1.6 % standard error unless values were crafted against
   * the format's fixed hash, never more than the count.
   *
   * **Cost** Linear in the groups of the range × the states that the metrics read.
   *
   * @param query The query: start, end, align, bucket, timezone, group_by, where, select, having, order_by,
   *   limit, offset, gapfill, windows, compare, parameters, then, decimals.
   * @returns The result: the bucket's start, the keys, the metrics.
   * @throws `query.*`, `expr.*`, `range.*`, `coarsen.bucket`, `spec.bucket`, `spec.timezone`, `spec.name`,
   *   `spec.duplicate`, `spec.missing`, `limit.states`, `limit.result`, `host.argument`.
   * @example
   * ```ts
   * const result = rollup.query({ bucket: '1 day', group_by: [], select: ['n', 'avg_ms'], having: 'n > 1' })
   * result.rows().map(({ n, avg_ms }) => [n, avg_ms]) // → [[2, 100]]
   * ```
   */
  query(query: Query = {}): Result {
    const json = toJson(query, 'query')
    return new Result(this.#call((raw) => raw.query(json)))
  }

  /**
   * Reads metrics as `query` does, in Node off the calling thread.
   *
   * @param query The query.
   * @returns The result.
   * @throws `query.*`, `expr.*`, `range.*`, `coarsen.bucket`, `spec.bucket`, `spec.timezone`, `spec.name`,
   *   `spec.duplicate`, `spec.missing`, `limit.states`, `limit.result`, `host.argument`.
   * @example
   * ```ts
   * (await rollup.queryAsync({ bucket: '1 day' })).length // → 1
   * ```
   */
  async queryAsync(query: Query = {}): Promise<Result> {
    const json = toJson(query, 'query')
    const { raw } = this.#handle
    return new Result(await callAsync(() => raw.queryAsync?.(json) ?? raw.query(json)))
  }

  /**
   * Gives the memory back at once, where a garbage collector would do it later.
   *
   * For loops that make and drop rollups without a turn of the event loop: in WebAssembly they hold the memory
   * of all of them otherwise.
   *
   * @example
   * ```ts
   * rollup.free()
   * ```
   */
  free(): void {
    this.#handle.free()
  }

  /**
   * Gives the memory back at the end of a `using` block.
   *
   * @example
   * ```ts
   * rollup[Symbol.dispose]()
   * ```
   */
  [Symbol.dispose](): void {
    this.free()
  }

  #call<T>(work: (raw: RawRollup) => T): T {
    const { raw } = this.#handle
    return call(() => work(raw))
  }
}
