/** The entry for those who insist on the addon: an import without it fails. */
import location from 'isofold:location'
import { findAddon } from '../addon.js'
import { IsofoldError } from '../error.js'
import { use } from '../kernel.js'

export * from '../index.js'

const found = findAddon(location)
if (!('kernel' in found)) {
  const message = `the native addon cannot be loaded: ${found.reasons.join('; ')}`
  throw new IsofoldError({ code: 'host.backend', message, path: '' })
}
use(found.kernel)

/** Which backend answers. */
export const backend: 'native' | 'wasm' = 'native'

/** Makes the kernel ready; it is already, but in browsers it is not, so that one program is right everywhere. */
export async function init(): Promise<void> {}
