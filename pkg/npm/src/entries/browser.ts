/** The entry of browsers and of hosts unknown to it: inlined wasm, compiled by `init()`. */
import { bytesAsync } from '../inlined.js'
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
  started ??= bytesAsync()
    .then(startAsync)
    .catch((error: unknown) => {
      started = undefined
      throw error
    })
  return started
}
