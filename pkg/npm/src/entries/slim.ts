/** The entry without wasm inside, for those who host `isofold/isofold.wasm`: streamed, cached, compressed by a CDN. */
import { IsofoldError } from '../error.js'
import { isModule, isResponse, startAsync, startSync, type WasmContent } from '../instance.js'
import { isReady } from '../kernel.js'

export * from '../index.js'

/** Which backend answers. */
export const backend: 'native' | 'wasm' = 'wasm'

/** Where the wasm comes from: an address, a response (or one to come), bytes, or a compiled module. */
export type WasmSource = string | URL | WasmContent | PromiseLike<WasmContent>

/**
 * Makes the kernel ready; once it is, further calls do nothing.
 *
 * Errors: `host.init` when the answer to an address is not the file; what compiling threw.
 */
export async function init(source?: WasmSource): Promise<void> {
  if (isReady()) return
  if (source === undefined) throw unready('init() of isofold/slim needs the address or the bytes of isofold.wasm')
  const given: WasmContent = typeof source === 'string' || isUrl(source) ? await fetch(source) : await source
  if (isResponse(given) && !given.ok) {
    throw unready(`the answer for isofold.wasm must be a success, got status ${given.status}`)
  }
  await startAsync(given)
}

/** Makes the kernel ready at once, from a compiled module or from bytes where the host may compile synchronously. */
export function initSync(source: BufferSource | WebAssembly.Module): void {
  const given: unknown = source
  if (!isModule(given) && !ArrayBuffer.isView(given) && Object.prototype.toString.call(given) !== '[object ArrayBuffer]') {
    throw unready('initSync() takes a WebAssembly.Module or bytes')
  }
  startSync(source)
}

/** Whether `value` is a URL, also one of another realm. */
function isUrl(value: unknown): value is URL {
  return Object.prototype.toString.call(value) === '[object URL]'
}

function unready(message: string): IsofoldError {
  return new IsofoldError({ code: 'host.init', message, path: '' })
}
