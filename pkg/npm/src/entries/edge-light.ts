/** The entry of Vercel's and Next's edge runtime, whose import of a compiled module carries a mark. */
import module from 'isofold:wasm?module'
import { startSync } from '../instance.js'

export * from '../index.js'

startSync(module)

/** Which backend answers. */
export const backend: 'native' | 'wasm' = 'wasm'

/** Makes the kernel ready; it is already, but in browsers it is not, so that one program is right everywhere. */
export async function init(): Promise<void> {}
