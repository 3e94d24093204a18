/**
 * The one class of the package: folds rows, merges, answers queries.
 *
 * Not here: what the verbs mean; they are the kernel's, the same in every host.
 */
import { call, callAsync } from './call.js'
import type { Handle } from './handle.js'
import type { Columns, ColumnsOf } from './columns.js'
import { type AsyncInput, batchesOf, batchesOfAsync, type Input } from './ingest.js'
import { kernel, type RawIngest, type RawRollup } from './kernel.js'
import { encoded, rowsOfRollup, toBytes } from './operand.js'
import { handleOf, ReadableRollup } from './readable-rollup.js'
import type { Keys } from './rows.js'
import { addRows, type StoredRow } from './stored-rows.js'
import {
  type Budget,
  budgetJson,
  coarsenJson,
  type CoarsenOptions,
  type Folding,
  type Ingested,
  type IngestOptions,
  ingestOptions,
  limitsJson,
  maxGroupsOf,
  mergedRowsOf,
  type Report,
  type RollupOptions,
  type Spec,
  storedRowsOf,
  type StoredRowsOptions,
  type Time,
  timeText,
  toJson,
} from './spec.js'

/** A rollup that the kernel has made already. */
class Made {
  constructor(readonly raw: RawRollup) {}
}

/**
 * A table from (bucket, key) to mergeable states: a function of the multiset of rows folded into it and of its
 * spec.
 *
 * @example
 * ```ts
 * const rollup = new Rollup({
 *   name: 'requests_1hour',
 *   columns: { ts: 'timestamp', model: 'string', ms: 'float64' },
 *   time: 'ts', bucket: '1 hour', group_by: ['model'],
 *   select: { n: 'count(*)', avg_ms: 'avg(ms)' },
 * })
 * const ts = ['2026-11-01T10:15:00Z', '2026-11-01T11:45:00Z']
 * rollup.ingest({ ts, model: ['o3', 'o3'], ms: [120, 80] }) // → 2
 * ```
 */
export class Rollup extends ReadableRollup {
  #names: readonly string[] | undefined

  /**
   * Makes the empty rollup of a spec.
   *
   * In browsers `init()` must have finished: `host.init`.
   *
   * @param spec The spec: an object of the host, or JSON text.
   * @param options.maxGroups The most groups it may hold, 0 to 2,147,483,648; 1,000,000 unless told otherwise,
   *   fewer of more than 16 states.
   * @throws `spec.*`, `expr.*`, `limit.states`, `limit.groups`, `host.argument`.
   * @example
   * ```ts
   * new Rollup(rollup.spec, { maxGroups: 1000 }).size // → 0
   * ```
   */
  constructor(spec: Spec | string, options: RollupOptions = {}) {
    const given: unknown = spec
    super(given instanceof Made ? given.raw : made(toJson(spec, 'spec'), maxGroupsOf(options)))
  }

  /**
   * Reads the bytes that `encode` wrote, trusting nothing in them.
   *
   * **Cost** Linear in the bytes; memory is at most 96 times as many bytes.
   *
   * @param data The bytes.
   * @param options.maxRows The most rows it may claim, 0 to 2^62; 2^48 unless told otherwise.
   * @param options.maxGroups The most groups it may hold, 0 to 2,147,483,648; 1,000,000 unless told otherwise,
   *   fewer of more than 16 states.
   * @param options.start The first instant that its buckets may reach, a native date or ISO 8601 text; open when
   *   left out.
   * @param options.end The first instant after its buckets; open when left out.
   * @returns The rollup.
   * @throws `decode.*`, `limit.*`, `range.*`, `host.argument`.
   * @example
   * ```ts
   * Rollup.decode(rollup.encode()).digest() === rollup.digest() // → true
   * ```
   */
  static decode(data: Uint8Array | ArrayBuffer, options: Budget = {}): Rollup {
    const [bytes, within, { Rollup: Raw }] = [toBytes(data), budgetJson(options), kernel()]
    return Rollup.#of(call(() => Raw.decode(bytes, within)))
  }

  /**
   * Reads rows that `rows` gave back, in any order, trusting nothing in them: their bucket, keys and state;
   * metrics are not looked at.
   *
   * On the native addon alone: elsewhere `store.driver`.
   *
   * **Cost** Linear in the bytes.
   *
   * @param spec The spec under which the rows were written: an object of the host, or JSON text.
   * @param rows The rows; a timestamp among the keys must be as exact as it was.
   * @param options.duplicates What becomes of a group that stands in several rows: `refuse`, unless told
   *   otherwise, or `merge`.
   * @param options.maxRows The most rows it may claim, 0 to 2^62; 2^48 unless told otherwise.
   * @param options.maxGroups The most groups it may hold, 0 to 2,147,483,648; 1,000,000 unless told otherwise,
   *   fewer of more than 16 states.
   * @param options.start The first instant that its buckets may reach, a native date or ISO 8601 text; open when
   *   left out.
   * @param options.end The first instant after its buckets; open when left out.
   * @returns The rollup.
   * @throws `decode.*`, `merge.schema`, `ingest.*`, `spec.*`, `expr.*`, `limit.*`, `range.*`, `store.driver`,
   *   `host.argument`.
   * @example
   * ```ts
   * Rollup.fromRows(rollup.spec, rollup.rows()).digest() === rollup.digest() // → true
   * ```
   */
  static fromRows(spec: Spec | string, rows: readonly StoredRow[], options: StoredRowsOptions = {}): Rollup {
    return Rollup.#ofRows(spec, rows, storedRowsOf(options))
  }

  /**
   * Folds rows in that `rows` of rollups of the same spec gave, in any order, a group as often as it comes: all
   * of them, or none when one does not fit.
   *
   * On the native addon alone: elsewhere `store.driver`.
   *
   * **Cost** Linear in the bytes.
   *
   * @param rows The rows; a timestamp among the keys must be as exact as it was.
   * @param options.maxRows The most rows they may bring, 0 to 2^62; 2^48 unless told otherwise.
   * @param options.maxGroups The most groups they may bring, 0 to 2,147,483,648; as many as the rollup may hold
   *   unless told otherwise.
   * @param options.start The first instant that their buckets may reach, a native date or ISO 8601 text; open
   *   when left out.
   * @param options.end The first instant after their buckets; open when left out.
   * @returns Nothing.
   * @throws `decode.*`, `merge.schema`, `ingest.*`, `limit.*`, `range.*`, `store.driver`, `host.argument`.
   * @example
   * ```ts
   * rollup.mergeRows(rollup.rows())
   * ```
   */
  mergeRows(rows: readonly StoredRow[], options: Budget = {}): void {
    const brought = Rollup.#ofRows(this.spec, rows, mergedRowsOf(options))
    try {
      this.merge(brought)
    } finally {
      brought.free()
    }
  }

  static #ofRows(spec: Spec | string, rows: readonly StoredRow[], { within, maxGroups }: { within: string; maxGroups: number | undefined }): Rollup {
    const rollup = new Rollup(spec, maxGroups === undefined ? {} : { maxGroups })
    addRows(rollup.#handle, rollup.spec, rows, within)
    return rollup
  }

  static #of(raw: RawRollup): Rollup {
    return new Rollup(new Made(raw) as unknown as Spec)
  }

  /**
   * Folds rows in: all of them, or none when one does not fit.
   *
   * Takes objects in an array or any iterable, an object of columns (arrays, typed arrays, `{ codes, texts }`),
   * or a table of apache-arrow or an iterable of such tables. A key that a row lacks is NULL; a declared column
   * that no row has while rows have a key that differs from it in case, `_` or `-` alone is refused. Columns and
   * tables have all declared columns but those that are optional. Times without a zone are those of the column's
   * `timezone`, or UTC; they are refused where the buckets have a zone and the column says none. What is no row
   * is `ingest.row`.
   *
   * **Cost** Linear in rows × states.
   *
   * @param data The rows; keys and columns that the spec does not declare are ignored.
   * @param options.threads How many threads may fold, at most those of the machine; all of them for 0 or unless
   *   told otherwise; the bytes do not depend on it.
   * @param options.strict Refuses, when true, keys and columns that are not declared, and declared ones that no
   *   row has unless they are optional; the latter alone for the text `columns`.
   * @param options.on_row_error What a row does that does not fit: it refuses all rows (`stop`, unless told
   *   otherwise), or is left out and counted (`skip`).
   * @returns How many rows passed `where`; when rows may be skipped, a report: `rows`, `skipped`, and by code in
   *   `errors` the `count` and the `first` ten.
   * @throws `ingest.*`, `expr.*`, `limit.groups`, `limit.rows`, `host.argument`.
   * @example
   * ```ts
   * rollup.ingest([{ ts: '2026-11-01T12:00:00Z', model: 'gpt', ms: 40 }]) // → 1
   * ```
   */
  ingest<O extends IngestOptions = IngestOptions & { on_row_error?: 'stop' }, C extends ColumnsOf<C> = Columns>(
    data: Input | C,
    options?: O,
  ): Ingested<O> {
    const given = ingestOptions(options)
    const ingest = this.#started(given)
    try {
      for (const batch of batchesOf(this.#columnNames(), data as Input, keysOf(ingest, given))) this.#handle.fold(batch, () => ingest.fold(batch.raw))
    } catch (error) {
      call(() => ingest.free?.())
      throw error
    }
    return this.#finished(ingest, given) as Ingested<O>
  }

  /**
   * Folds rows in as `ingest` does, in Node off the calling thread.
   *
   * Takes async iterables of rows or tables too, such as streams. Rows come in when all are folded; arrays must
   * not be written to until then.
   *
   * @param data The rows.
   * @param options.threads How many threads may fold.
   * @param options.strict Refuses, when true, keys and columns that are not declared, and declared ones that no
   *   row has unless they are optional; the latter alone for the text `columns`.
   * @param options.on_row_error What a row does that does not fit: it refuses all rows (`stop`, unless told
   *   otherwise), or is left out and counted (`skip`).
   * @returns How many rows passed `where`; when rows may be skipped, a report: `rows`, `skipped`, and by code in
   *   `errors` the `count` and the `first` ten.
   * @throws `ingest.*`, `expr.*`, `limit.groups`, `limit.rows`, `host.argument`.
   * @example
   * ```ts
   * await rollup.ingestAsync([{ ts: '2026-11-01T12:00:00Z', model: 'gpt', ms: 40 }]) // → 1
   * ```
   */
  async ingestAsync<O extends IngestOptions = IngestOptions & { on_row_error?: 'stop' }, C extends ColumnsOf<C> = Columns>(
    data: AsyncInput | C,
    options?: O,
  ): Promise<Ingested<O>> {
    const given = ingestOptions(options)
    const ingest = this.#started(given)
    try {
      for await (const batch of batchesOfAsync(this.#columnNames(), data as AsyncInput, keysOf(ingest, given))) {
        await this.#handle.foldAsync(batch, () => ingest.foldAsync?.(batch.raw) ?? ingest.fold(batch.raw))
      }
    } catch (error) {
      call(() => ingest.free?.())
      throw error
    }
    return this.#finished(ingest, given) as Ingested<O>
  }

  /**
   * Folds the groups of another rollup in, as if its rows had been folded here.
   *
   * **Cost** Linear in the groups of the other × states.
   *
   * @param other A rollup with the same states, or the bytes of one.
   * @param options.maxRows The most rows the other may bring, 0 to 2^62; of bytes 2^48 unless told otherwise.
   * @param options.maxGroups The most groups the other may have; of bytes as many as this one may have unless
   *   told otherwise.
   * @param options.start The first instant that its buckets may reach, a native date or ISO 8601 text; open when
   *   left out.
   * @param options.end The first instant after its buckets; open when left out.
   * @throws `merge.schema`, `limit.groups`, `limit.rows`, `range.*`, `decode.*`, `host.argument`.
   * @example
   * ```ts
   * rollup.merge(rollup.encode())
   * rollup.stats().rows // → 4
   * ```
   */
  merge(other: Rollup | Uint8Array | ArrayBuffer, options: Budget = {}): void {
    const within = budgetJson(options, rowsOfRollup(other))
    const [raw, bytes] = this.#given(other)
    const mine = this.#handle.raw
    call(() => (raw === undefined ? mine.mergeBytes(bytes, within) : mine.merge(raw, within)))
  }

  /**
   * Folds the groups of another rollup in as `merge` does, in Node off the calling thread.
   *
   * @param other A rollup with the same states, or the bytes of one.
   * @param options.maxRows The most rows the other may bring, 0 to 2^62; of bytes 2^48 unless told otherwise.
   * @param options.maxGroups The most groups the other may have; of bytes as many as this one may have unless
   *   told otherwise.
   * @param options.start The first instant that its buckets may reach, a native date or ISO 8601 text; open when
   *   left out.
   * @param options.end The first instant after its buckets; open when left out.
   * @throws `merge.schema`, `limit.groups`, `limit.rows`, `range.*`, `decode.*`, `host.argument`.
   * @example
   * ```ts
   * await rollup.mergeAsync(rollup.encode())
   * rollup.stats().rows // → 4
   * ```
   */
  async mergeAsync(other: Rollup | Uint8Array | ArrayBuffer, options: Budget = {}): Promise<void> {
    if (this.#handle.raw.mergeBytesAsync === undefined) return this.merge(other, options)
    const within = budgetJson(options, rowsOfRollup(other))
    const bytes = other instanceof Rollup ? await other.encodeAsync() : encoded(other)
    const { raw } = this.#handle
    await callAsync(() => raw.mergeBytesAsync?.(bytes, within))
  }

  /**
   * Gives the rollup at a coarser bucket and with fewer keys, byte-equal to folding the rows under that spec.
   *
   * **Cost** Linear in groups × states.
   *
   * @param options.bucket The coarser bucket: a width such as `1 day`, or its width, timezone, origin and
   *   offset; the same one when left out.
   * @param options.group_by The names of the keys to keep; all when left out.
   * @returns A new rollup.
   * @throws `coarsen.bucket`, `coarsen.key`, `spec.bucket`, `spec.timezone`, `host.argument`.
   * @example
   * ```ts
   * rollup.coarsen({ bucket: '1 day', group_by: [] }).size // → 1
   * ```
   */
  coarsen(options: CoarsenOptions): Rollup {
    const json = coarsenJson(options)
    return Rollup.#of(this.#call((raw) => raw.coarsen(json)))
  }

  /**
   * Gives the buckets of a time range.
   *
   * @param start The first instant, a native date or ISO 8601 text, on the edge of a bucket; open when left out.
   * @param end The first instant after the range, on the edge of a bucket; open when left out.
   * @returns A new rollup.
   * @throws `range.invalid`, `range.edge`, `host.argument`.
   * @example
   * ```ts
   * rollup.slice('2026-11-01T11:00:00Z').size // → 1
   * ```
   */
  slice(start?: Time | null, end?: Time | null): Rollup {
    const range = toJson({ start, end }, 'range')
    return Rollup.#of(this.#call((raw) => raw.slice(range)))
  }

  /**
   * Puts another rollup's groups in the place of all groups of a time range, as late rows, updates and deletes
   * need.
   *
   * @param start The first instant, a native date or ISO 8601 text, on the edge of a bucket; open when null.
   * @param end The first instant after the range, on the edge of a bucket; open when null.
   * @param other A rollup with the same states whose buckets lie in the range, or the bytes of one.
   * @param options.maxRows The most rows the other may bring, 0 to 2^62; of bytes 2^48 unless told otherwise.
   * @param options.maxGroups The most groups the other may have; of bytes as many as this one may have unless
   *   told otherwise.
   * @throws `range.*`, `merge.schema`, `limit.groups`, `limit.rows`, `decode.*`, `host.argument`.
   * @example
   * ```ts
   * const again = new Rollup(rollup.spec)
   * rollup.replace('2026-11-01', '2026-11-02', again)
   * rollup.size // → 0
   * ```
   */
  replace(
    start: Time | null,
    end: Time | null,
    other: Rollup | Uint8Array | ArrayBuffer,
    options: Pick<Budget, 'maxRows' | 'maxGroups'> = {},
  ): void {
    const range = toJson({ start, end }, 'range')
    const within = limitsJson(options, rowsOfRollup(other))
    const [raw, bytes] = this.#given(other)
    const mine = this.#handle.raw
    call(() => (raw === undefined ? mine.replaceBytes(range, bytes, within) : mine.replace(range, raw, within)))
  }

  /**
   * Drops the buckets that end at or before a time.
   *
   * @param before The time: a native date or datetime, or text in ISO 8601.
   * @returns How many groups were dropped.
   * @throws `range.invalid`, `host.argument`.
   * @example
   * ```ts
   * rollup.prune(new Date('2026-11-01T11:00:00Z')) // → 1
   * ```
   */
  prune(before: Time): number {
    const text = timeText(before, 'before')
    return this.#call((raw) => raw.prune(text))
  }

  get #handle(): Handle {
    return handleOf(this) as Handle
  }

  #columnNames(): readonly string[] {
    this.#names ??= Object.keys(this.spec.columns)
    return this.#names
  }

  #call<T>(work: (raw: RawRollup) => T): T {
    const { raw } = this.#handle
    return call(() => work(raw))
  }

  #started({ threads, rest }: Folding): RawIngest {
    return this.#call((raw) => raw.startIngest(threads, rest))
  }

  #finished(ingest: RawIngest, { skips }: Folding): number | Report {
    if (!skips) return this.#call((raw) => raw.finishIngest(ingest))
    return JSON.parse(this.#call((raw) => raw.finishReport(ingest))) as Report
  }

  /** The kernel's rollup of `other`, or its bytes where it is this one or comes from another copy of the package. */
  #given(other: unknown): readonly [RawRollup, undefined] | readonly [undefined, Uint8Array] {
    const handle = other === this ? undefined : handleOf(other)
    return handle === undefined ? [undefined, encoded(other)] : [handle.raw, undefined]
  }
}

/** Tells the kernel of keys. */
function keysOf(ingest: RawIngest, { strict }: Folding): Keys {
  return { all: strict, see: (keys) => call(() => ingest.keys(keys)) }
}

function made(spec: string, maxGroups: number | undefined): RawRollup {
  const { Rollup: Raw } = kernel()
  return call(() => new Raw(spec, maxGroups))
}
