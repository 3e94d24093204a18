/**
 * What both backends export, and which of them is in use.
 *
 * The one idea: the addon and the wasm glue have the same classes with the same methods, so nothing above this file
 * knows which one answers. Arguments are JSON text and typed arrays; every failure is thrown as JSON text.
 *
 * Not here: finding and starting a backend (`addon.ts`, `instance.ts`, `entries/`).
 */
import { IsofoldError, type Problem } from './error.js'

/** The columns of one call of `ingest`, read when they are folded at the latest. `valid` has a 0 where a row is NULL. */
export interface RawBatch {
  /** Bits of doubles. */
  numbers(name: string, bits: BigUint64Array, valid?: Uint8Array): void
  integers(name: string, values: BigInt64Array, valid?: Uint8Array): void
  unsigned(name: string, values: BigUint64Array, valid?: Uint8Array): void
  /** Bits of doubles that count milliseconds since the epoch. */
  dates(name: string, bits: BigUint64Array, valid?: Uint8Array): void
  /** Counts of `unit` (`s`, `ms`, `us`, `ns`) since the epoch, UTC. */
  timestamps(name: string, values: BigInt64Array, unit: string, valid?: Uint8Array): void
  /** As above, without a zone. */
  locals(name: string, values: BigInt64Array, unit: string, valid?: Uint8Array): void
  booleans(name: string, values: Uint8Array, valid?: Uint8Array): void
  /** Text `i` of the dictionary is `utf8[offsets[i]..offsets[i + 1]]`. */
  strings(name: string, codes: Uint32Array, utf8: Uint8Array, offsets: Uint32Array, valid?: Uint8Array): void
  /** Row `i` has the text `utf8[offsets[i]..offsets[i + 1]]`. */
  texts(name: string, utf8: Uint8Array, offsets: Uint32Array, valid?: Uint8Array): void
  /** Cells of several kinds, see `mixed.ts`. */
  mixed(name: string, kinds: Uint8Array, words: BigUint64Array, utf8: Uint8Array, offsets: Uint32Array): void
  nulls(name: string): void
  /** Says that what stands in the place of a row is none, as errors call it. */
  noRow(row: number, what: string): void
  /** Says in words why a row could not be read. */
  unread(row: number, words: string): void
  free?(): void
}

/** Batches folded and not yet part of their rollup: all of them or none. */
export interface RawIngest {
  fold(batch: RawBatch): void
  /** Tells of keys that rows have. */
  keys(keys: string[]): void
  foldAsync?(batch: RawBatch): Promise<void>
  free?(): void
}

/** One column of a result; a backend may copy at every look, so each property is read once. */
export interface RawOutput {
  /** The values, or the items of all lists: bits of doubles, integers, booleans, texts. */
  readonly items: BigUint64Array | BigInt64Array | Uint8Array | string[]
  /** A 0 where a row is NULL. */
  readonly valid?: Uint8Array | null | undefined
  /** List `i` is `items[ends[i - 1]..ends[i]]`. */
  readonly ends?: Uint32Array | null | undefined
  /** How often each item occurs. */
  readonly counts?: BigInt64Array | null | undefined
  free?(): void
}

/** The columns of a query's result. */
export interface RawFrame {
  readonly length: number
  /** The number of rows without a limit. */
  readonly total: number
  /** JSON: `[{ "name": …, "type": … }]`. */
  columns(): string
  /** JSON of {@link Warning}s. */
  warnings(): string
  /** The states of every row, in a frame of {@link RawRollup.rows}. */
  states?(): Uint8Array[] | null | undefined
  column(index: number): RawOutput | null | undefined
  free?(): void
}

/** A rollup as the backends have it; the `Async` forms exist where work can leave the calling thread. */
export interface RawRollup {
  /** Has its memory given back as soon as it is collected, where that is not so by itself. */
  watch?(): void
  /** `options` is JSON. */
  startIngest(threads?: number, options?: string): RawIngest
  /** Takes the ingest over, whatever happens. */
  finishIngest(ingest: RawIngest): number
  /** As above, with the JSON of a {@link Report}. */
  finishReport(ingest: RawIngest): string
  /** What arrives is within the JSON of a budget; so below. */
  merge(other: RawRollup, within: string): void
  mergeBytes(bytes: Uint8Array, within: string): void
  mergeBytesAsync?(bytes: Uint8Array, within: string): Promise<void>
  coarsen(options: string): RawRollup
  slice(range: string): RawRollup
  replace(range: string, other: RawRollup, within: string): void
  replaceBytes(range: string, bytes: Uint8Array, within: string): void
  prune(before: string): number
  /** `options` is JSON. */
  rows?(options: string): RawFrame
  /** Takes rows in; the state of row `i` is `states[ends[i - 1]..ends[i]]`. */
  addRows?(batch: RawBatch, states: Uint8Array, ends: Uint32Array, within: string): void
  encode(): Uint8Array
  encodeAsync?(): Promise<Uint8Array>
  digest(): string
  size(): number
  canonical(): boolean
  spec(): string
  stats(): string
  query(query: string): RawFrame
  queryAsync?(query: string): Promise<RawFrame>
  free?(): void
}

/** A backend. */
export interface Kernel {
  readonly Rollup: {
    new (spec: string, maxGroups?: number): RawRollup
    decode(bytes: Uint8Array, within: string): RawRollup
  }
  readonly Batch: { new (rows: number): RawBatch }
  version(): string
  /** Tells why a trap has stopped it, and lets go of its memory. */
  stop?(words: string): Problem
  /** Another kernel like it. */
  again?(): Kernel
  /** In wasm, which has no random source of its own: the secret under which tables hash. False once there is one. */
  readonly setSecret?: ((first: bigint, second: bigint) => boolean) | undefined
}

let current: Kernel | undefined
/** How the kernel in use is made when the one before it was lost. */
let next: (() => Kernel) | undefined
const losses = new WeakMap<Kernel, Problem>()
/** The kernel that was given its secret last. */
let secretive: Kernel | undefined

/** Whether a backend is ready. */
export function isReady(): boolean {
  return current !== undefined || next !== undefined
}

/** Puts a backend in use; the first one stays. */
export function use(kernel: Kernel): void {
  if (!isReady()) current = kernel
}

/** Gives up the kernel in use after a trap, and gives the error that says so; `undefined` where kernels have no traps. */
export function lose(words: string): IsofoldError | undefined {
  if (current?.stop === undefined) return undefined
  const problem = current.stop(words)
  losses.set(current, { ...problem, message: `the rollup is lost: ${problem.message}` })
  next = current.again
  current = undefined
  return new IsofoldError(problem)
}

/** Why nothing of a kernel can be used any more, if so. */
export function lossOf(kernel: Kernel): Problem | undefined {
  return losses.get(kernel)
}

/** The backend in use. Errors: `host.init` before there is one. */
export function kernel(): Kernel {
  current ??= next?.()
  if (current === undefined) {
    throw new IsofoldError({
      code: 'host.init',
      message: 'the kernel is used before init() has finished: `await init()` first',
      path: '',
    })
  }
  if (secretive !== current) drawSecret(current)
  return current
}

/**
 * Draws the secret: keys that somebody crafted then lie in tables as random ones do.
 *
 * Not before the first rollup is made: hosts at the edge have no random source until a request has come.
 */
function drawSecret(kernel: Kernel): void {
  secretive = kernel
  kernel.setSecret?.(...words())
}

function words(): [bigint, bigint] {
  const drawn = new BigUint64Array(2)
  try {
    globalThis.crypto.getRandomValues(drawn)
  } catch {
    // a rollup made before the first request of an edge worker: the engine's numbers are better than none
    for (let i = 0; i < 2; i++) drawn[i] = BigInt(Math.floor(Math.random() * 2 ** 53)) * 0x9e3779b97f4a7c15n
  }
  return [drawn[0] as bigint, drawn[1] as bigint]
}
