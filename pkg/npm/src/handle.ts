/**
 * What the package holds of a rollup in the kernel.
 *
 * The one idea: whether it may still be used is decided here, in one way for both backends.
 */
import type { Batch } from './batch.js'
import { call, callAsync } from './call.js'
import { IsofoldError } from './error.js'
import { type Kernel, kernel, lossOf, type RawRollup } from './kernel.js'

/** A rollup of the kernel in use, until it is freed or lost. */
export class Handle {
  #raw: RawRollup | undefined
  readonly #kernel: Kernel = kernel()

  constructor(raw: RawRollup) {
    this.#raw = raw
    call(() => raw.watch?.())
  }

  /** The rollup. Errors: `host.freed`, and the error with which its kernel was lost. */
  get raw(): RawRollup {
    const loss = lossOf(this.#kernel)
    if (loss !== undefined) throw new IsofoldError(loss)
    if (this.#raw !== undefined) return this.#raw
    throw new IsofoldError({ code: 'host.freed', message: 'the rollup is used after it was freed', path: '' })
  }

  /** Errors: those of {@link raw}. */
  assertUsable(): void {
    void this.raw
  }

  /** Folds a batch on this thread: to make it may have run anything, also what frees this rollup. */
  fold(batch: Batch, fold: () => void): void {
    try {
      this.assertUsable()
      call(fold)
    } finally {
      batch.free()
    }
  }

  /** As {@link fold}, where the kernel may do it on another thread. */
  async foldAsync(batch: Batch, fold: () => Promise<void> | void): Promise<void> {
    try {
      this.assertUsable()
      await callAsync(fold)
    } finally {
      batch.free()
    }
  }

  /** Gives the memory back; a second time is nothing. */
  free(): void {
    const raw = this.#raw
    this.#raw = undefined
    if (lossOf(this.#kernel) === undefined) call(() => raw?.free?.())
  }
}
