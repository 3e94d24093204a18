/** The entry of stores: the addon where there is one; without it, opening a store says so. */
import location from 'isofold:location'
import { findAddon } from '../addon.js'
import { use } from '../kernel.js'

export * from '../index.js'
export * from '../stores/index.js'

const found = findAddon(location)
if ('kernel' in found) use(found.kernel)

/** Which backend answers: stores have the addon alone. */
export const backend: 'native' | 'wasm' = 'native'

/** Makes the kernel ready; it is already. */
export async function init(): Promise<void> {}
