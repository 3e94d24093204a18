/** The entry of Cloudflare's workerd, which compiles imported wasm itself and forbids compiling at run time. */
import module from 'isofold:wasm'
import { startSync } from '../instance.js'

export * from '../index.js'

startSync(module)

/** Which backend answers. */
export const backend: 'native' | 'wasm' = 'wasm'

/** Makes the kernel ready; it is already, but in browsers it is not, so that one program is right everywhere. */
export async function init(): Promise<void> {}
