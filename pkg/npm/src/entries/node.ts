/** The entry of Node, Bun and Deno: the addon where there is one, else inlined wasm; ready at import. */
import location from 'isofold:location'
import { findAddon } from '../addon.js'
import { bytesAsync, bytesSync } from '../inlined.js'
import { startAsync, startSync } from '../instance.js'
import { isReady, use } from '../kernel.js'

export * from '../index.js'

const found = findAddon(location)
if ('kernel' in found) {
  use(found.kernel)
} else {
  const bytes = bytesSync()
  if (bytes !== undefined) startSync(bytes)
}

/** Which backend answers. */
export const backend: 'native' | 'wasm' = 'kernel' in found ? 'native' : 'wasm'

/** Makes the kernel ready; it is already, but in browsers it is not, so that one program is right everywhere. */
export async function init(): Promise<void> {
  // Hosts that pass for Node but lack its decompressor come here unready.
  if (!isReady()) await startAsync(await bytesAsync())
}
