/**
 * The rollup that the page holds, and whether the server holds the same.
 *
 * The one idea: every change comes with the digest of what there is after it, and the hours that changed since the
 * server last agreed are kept as they were then. A change that leads to another digest is taken back exactly.
 *
 * Not here: where changes come from (`live.ts`), what is shown (`store.ts`).
 */
import { Rollup } from 'isofold'
import { Levels } from './levels'

/** Whether the page and the server hold the same rows, as far as is known. */
export type Agreement = 'agrees' | 'unchecked' | 'differs'

/** New rows, or the rows that take the place of others. */
export interface Change {
  /** An encoded rollup. */
  readonly bytes: Uint8Array
  /** The digest of everything after the change, when the server tells it. */
  readonly digest: string | null
  /** Whose rows are replaced; null when rows are only added. */
  readonly range: { readonly start: Date; readonly end: Date } | null
}

/** The hours that changed since the last agreement, as they were then. */
interface Before {
  readonly start: Date
  readonly end: Date
  readonly rollup: Rollup
}

/** So large a rollup takes longer to encode than a reader should wait at every change: it is checked in pauses. */
const GROUPS_TO_CHECK_AT_ONCE = 20_000
/** Checking in pauses takes no more than this share of the time. */
const SHARE_OF_CHECKS = 0.03

/** A change that cannot be taken in; the page holds what it held before. */
export class ChangeRefused extends Error {}

/** A rollup, its levels, and the server's word on them. */
export class Held {
  readonly levels: Levels
  agreement: Agreement
  digest: string
  /** How long to wait before a check that is not made at once, in milliseconds. */
  checkPause = 1_000
  #expected: string
  #before: Before | undefined

  /**
   * Reads what the server sent.
   *
   * @param digest What the server says the digest is.
   * @param end The end of the running hour.
   * @throws IsofoldError `decode.*`, `limit.*`.
   */
  static async load(bytes: Uint8Array<ArrayBuffer>, digest: string, end: Date): Promise<Held> {
    const hours = Rollup.decode(bytes)
    // Only one spelling of a rollup can be decoded, so the digest of the bytes is that of the rollup.
    const found = await sha256(bytes)
    return new Held(new Levels(hours, end), found, digest)
  }

  private constructor(levels: Levels, digest: string, expected: string) {
    this.levels = levels
    this.digest = digest
    this.#expected = expected
    this.agreement = digest === expected ? 'agrees' : 'differs'
  }

  /** Whether `check` is quick enough for every change. */
  get isQuickToCheck(): boolean {
    return this.levels.hours.size <= GROUPS_TO_CHECK_AT_ONCE
  }

  /**
   * Takes a change in, and checks it at once when that is quick.
   *
   * @throws ChangeRefused when the bytes are not a rollup of these rows, or lead to another digest than they should;
   *   nothing has changed then.
   */
  apply(change: Change): void {
    const { levels } = this
    const delta = refusing(() => Rollup.decode(change.bytes))
    const { first_bucket: first, last_bucket_end: last } = delta.stats()
    const start = change.range?.start ?? (first === null ? null : new Date(first))
    const end = change.range?.end ?? (last === null ? null : new Date(last))
    if (start !== null && end !== null) {
      refusing(() => this.#remember(start, end))
      refusing(() => (change.range === null ? levels.merge(delta) : levels.replace(start, end, delta)))
    }
    delta.free()
    if (change.digest !== null) this.#expected = change.digest
    this.agreement = 'unchecked'
    if (change.digest !== null && this.isQuickToCheck) this.check()
  }

  /**
   * Compares the digests.
   *
   * **Cost** That of encoding the rollup.
   *
   * @throws ChangeRefused when they differ; all changes since the last agreement are taken back.
   */
  check(): void {
    const start = performance.now()
    this.digest = this.levels.hours.digest()
    this.checkPause = Math.max(1_000, (performance.now() - start) / SHARE_OF_CHECKS)
    if (this.digest === this.#expected) {
      this.agreement = 'agrees'
      this.#forget()
      return
    }
    this.#takeBack()
    this.agreement = 'differs'
    throw new ChangeRefused('an update did not lead to what the server holds')
  }

  /** Gives the memory back. */
  free(): void {
    this.#forget()
    this.levels.free()
  }

  /** Keeps the hours that are about to change, and those that changed before, as they were at the last agreement. */
  #remember(start: Date, end: Date): void {
    const known = this.#before
    if (known !== undefined && known.start <= start && end <= known.end) return
    const [from, until] = known === undefined ? [start, end] : [earlier(start, known.start), later(end, known.end)]
    const rollup = this.levels.hours.slice(from, until)
    if (known !== undefined) rollup.replace(known.start, known.end, known.rollup)
    this.#forget()
    this.#before = { start: from, end: until, rollup }
  }

  #takeBack(): void {
    const before = this.#before
    if (before === undefined) return
    this.levels.replace(before.start, before.end, before.rollup)
    this.#forget()
    this.digest = this.levels.hours.digest()
  }

  #forget(): void {
    this.#before?.rollup.free()
    this.#before = undefined
  }
}

function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new ChangeRefused(`an update could not be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', bytes)
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other
}
