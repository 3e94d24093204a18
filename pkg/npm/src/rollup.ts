/**
 * The one class of the package: folds rows, merges, answers queries.
 *
 * Not here: what the verbs mean; they are the kernel's, the same in every host.
 */
import { call, callAsync, IsofoldError } from './error.js'
import { batchesOf, type Input } from './ingest.js'
import { kernel, type RawRollup } from './kernel.js'
import { Result } from './result.js'
import {
  type CoarsenOptions,
  type IngestOptions,
  maxGroupsOf,
  type Query,
  type RollupOptions,
  type Spec,
  type Stats,
  type Time,
  timeText,
  toJson,
} from './spec.js'

/** A rollup that the kernel has made already. */
class Made {
  constructor(readonly raw: RawRollup) {}
}

/** Per time bucket and key: the states that a spec selects. */
export class Rollup {
  readonly #raw: RawRollup
  #names: readonly string[] | undefined

  /** An empty rollup. Errors: `host.init`, `spec.*`, `expr.*`, `limit.states`, `limit.groups`. */
  constructor(spec: Spec | string, options: RollupOptions = {}) {
    const given: unknown = spec
    const make = (): RawRollup => new (kernel().Rollup)(toJson(spec, 'spec'), maxGroupsOf(options))
    this.#raw = given instanceof Made ? given.raw : call(make)
  }

  /** The rollup that {@link Rollup.encode} wrote; the bytes may come from anybody. Errors: `decode.*`, `limit.*`. */
  static decode(bytes: Uint8Array | ArrayBuffer, options: RollupOptions = {}): Rollup {
    return Rollup.#of(call(() => kernel().Rollup.decode(toBytes(bytes), maxGroupsOf(options))))
  }

  static #of(raw: RawRollup): Rollup {
    return new Rollup(new Made(raw) as unknown as Spec)
  }

  /**
   * Folds rows in and returns how many; all of them or, on an error, none.
   *
   * `input` is an array of objects (a key that a row lacks is NULL), an object of arrays or typed arrays, or a table of
   * apache-arrow. Errors: `ingest.*`, `expr.*`, `limit.*`.
   */
  ingest(input: Input, options: IngestOptions = {}): number {
    const ingest = this.#raw.startIngest(options.threads ?? 0)
    try {
      for (const batch of batchesOf(this.#columnNames(), input)) {
        call(() => ingest.fold(batch))
        batch.free?.()
      }
    } catch (error) {
      ingest.free?.()
      throw error
    }
    return call(() => this.#raw.finishIngest(ingest))
  }

  /**
   * As {@link Rollup.ingest}; in Node with the addon the folding leaves the calling thread, and rows come in when all
   * are folded. Arrays must not be written to until then.
   */
  async ingestAsync(input: Input, options: IngestOptions = {}): Promise<number> {
    const ingest = this.#raw.startIngest(options.threads ?? 0)
    try {
      for (const batch of batchesOf(this.#columnNames(), input)) {
        await callAsync(() => ingest.foldAsync?.(batch) ?? ingest.fold(batch))
        batch.free?.()
      }
    } catch (error) {
      ingest.free?.()
      throw error
    }
    return call(() => this.#raw.finishIngest(ingest))
  }

  /** Adds another rollup, or the bytes of one. Errors: `merge.schema`, `limit.*`, `decode.*`. */
  merge(other: Rollup | Uint8Array | ArrayBuffer): void {
    const raw = this.#rawOf(other)
    call(() => (raw === undefined ? this.#raw.mergeBytes(encoded(other)) : this.#raw.merge(raw)))
  }

  /** As {@link Rollup.merge}; in Node with the addon the merging leaves the calling thread. */
  async mergeAsync(other: Rollup | Uint8Array | ArrayBuffer): Promise<void> {
    const merge = this.#raw.mergeBytesAsync?.bind(this.#raw)
    if (merge === undefined) return this.merge(other)
    const bytes = other instanceof Rollup ? await other.encodeAsync() : encoded(other)
    await callAsync(() => merge(bytes))
  }

  /** The rollup at a coarser bucket, with fewer keys, or both. Errors: `coarsen.*`, `spec.*`, `limit.*`. */
  coarsen(options: CoarsenOptions): Rollup {
    const { groupBy, ...rest } = { ...options }
    const json = toJson(groupBy === undefined ? rest : { ...rest, group_by: groupBy }, 'coarsen')
    return Rollup.#of(call(() => this.#raw.coarsen(json)))
  }

  /** The buckets in `[start, end)`; without a bound, all on that side. Errors: `range.*`. */
  slice(start?: Time | null, end?: Time | null): Rollup {
    return Rollup.#of(call(() => this.#raw.slice(toJson({ start, end }, 'range'))))
  }

  /**
   * Puts the buckets of a rollup, or of the bytes of one, in place of those in `[start, end)`.
   *
   * Errors: `range.*`, `merge.schema`, `limit.*`, `decode.*`.
   */
  replace(start: Time | null, end: Time | null, other: Rollup | Uint8Array | ArrayBuffer): void {
    const range = toJson({ start, end }, 'range')
    const raw = this.#rawOf(other)
    call(() => (raw === undefined ? this.#raw.replaceBytes(range, encoded(other)) : this.#raw.replace(range, raw)))
  }

  /** Drops the buckets that end at or before an instant, and returns how many groups went. Errors: `range.invalid`. */
  prune(before: Time): number {
    return call(() => this.#raw.prune(timeText(before, 'before')))
  }

  /** The canonical bytes: the same for the same rows, whatever the host, order, batches and merges. */
  encode(): Uint8Array {
    return call(() => this.#raw.encode())
  }

  /** As {@link Rollup.encode}; in Node with the addon the encoding leaves the calling thread. */
  async encodeAsync(): Promise<Uint8Array> {
    return callAsync(() => this.#raw.encodeAsync?.() ?? this.#raw.encode())
  }

  /** The SHA-256 of the canonical bytes, in hexadecimal. */
  digest(): string {
    return call(() => this.#raw.digest())
  }

  /** Number of groups: buckets times the keys seen in each. */
  get size(): number {
    return call(() => this.#raw.size())
  }

  /** The spec, in its normal form. */
  get spec(): Spec {
    return JSON.parse(call(() => this.#raw.spec())) as Spec
  }

  /** Whether equal rows always give equal bytes; false when a metric uses `tdigest`. */
  get canonical(): boolean {
    return call(() => this.#raw.canonical())
  }

  /** What the rollup holds, in numbers. */
  stats(): Stats {
    return JSON.parse(call(() => this.#raw.stats())) as Stats
  }

  /** Answers a query. Errors: `query.*`, `expr.*`, `range.*`, `limit.result`. */
  query(query: Query = {}): Result {
    return new Result(call(() => this.#raw.query(toJson(query, 'query'))))
  }

  /** As {@link Rollup.query}; in Node with the addon the work leaves the calling thread. */
  async queryAsync(query: Query = {}): Promise<Result> {
    const json = toJson(query, 'query')
    return new Result(await callAsync(() => this.#raw.queryAsync?.(json) ?? this.#raw.query(json)))
  }

  /** Gives the memory back at once; without it, the garbage collector does, later. */
  free(): void {
    this.#raw.free?.()
  }

  /** As {@link Rollup.free}, for `using`. */
  [Symbol.dispose](): void {
    this.free()
  }

  #columnNames(): readonly string[] {
    this.#names ??= Object.keys(this.spec.columns)
    return this.#names
  }

  /** The kernel's rollup of `other`, unless it is this one or comes from another copy of the package. */
  #rawOf(other: unknown): RawRollup | undefined {
    const isOurs = typeof other === 'object' && other !== null && #raw in other
    return isOurs && other.#raw !== this.#raw ? other.#raw : undefined
  }
}

function encoded(other: unknown): Uint8Array {
  const encode = (other as { encode?: () => Uint8Array } | null | undefined)?.encode
  return typeof encode === 'function' ? encode.call(other) : toBytes(other)
}

function toBytes(bytes: unknown): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (Object.prototype.toString.call(bytes) === '[object ArrayBuffer]') return new Uint8Array(bytes as ArrayBuffer)
  const message = `a rollup or its bytes are wanted, got ${bytes === null ? 'null' : typeof bytes}`
  throw new IsofoldError({ code: 'host.argument', message, path: '' })
}
