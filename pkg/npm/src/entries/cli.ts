/** The command: the addon where there is one, else inlined wasm, as in `node.ts`. */
import location from 'isofold:location'
import { findAddon } from '../addon.js'
import { main, told } from '../cli/main.js'
import { bytesAsync } from '../inlined.js'
import { startAsync } from '../instance.js'
import { use } from '../kernel.js'

// what happens between two steps of the command ends it in the same words
process.on('uncaughtException', (error) => process.exit(told(error)))
// whoever read the output has read enough
process.stdout.on('error', () => process.exit())

const found = findAddon(location)
if ('kernel' in found) use(found.kernel)
else await startAsync(await bytesAsync())

process.exitCode = await main(process.argv.slice(2))
