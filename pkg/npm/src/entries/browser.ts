/** The entry of browsers and of hosts unknown to it: inlined wasm, compiled by `init()`. */
import { answer, bytesAsync } from '../inlined.js'
import { startAsync } from '../instance.js'

export * from '../index.js'

/** Which backend answers. */
export const backend: 'native' | 'wasm' = 'wasm'

let started: Promise<void> | undefined

/**
 * Makes the kernel ready; needed in browsers, harmless everywhere, and only the first call does anything.
 *
 * Errors: what compiling threw; the next call tries again.
 */
export function init(): Promise<void> {
  started ??= startAsync(answer())
    // a host may refuse to compile an answer that no server gave
    .catch(async () => startAsync(await bytesAsync()))
    .catch((error: unknown) => {
      started = undefined
      throw error
    })
  return started
}
