/**
 * Starts the wasm backend from a compiled module or from bytes.
 *
 * Not here: where the bytes come from (`entries/`).
 */
import * as glue from 'isofold:glue'
import { type Kernel, isReady, use } from './kernel.js'

/** The import name under which the module asks for its glue. */
const GLUE = './isofold_bg.js'

/** The wasm, compiled or not. */
export type WasmContent = WebAssembly.Module | BufferSource | Response

/** Whether `value` is a compiled module, also one of another realm, where `instanceof` says no. */
export function isModule(value: unknown): value is WebAssembly.Module {
  return Object.prototype.toString.call(value) === '[object WebAssembly.Module]'
}

/** Starts the backend at once. */
export function startSync(source: WebAssembly.Module | BufferSource): void {
  if (isReady()) return
  const module = isModule(source) ? source : new WebAssembly.Module(source)
  start(new WebAssembly.Instance(module, imports()))
}

/** Starts the backend without blocking: browsers refuse to compile a large module on their main thread. */
export async function startAsync(source: WasmContent): Promise<void> {
  if (isReady()) return
  start(await instantiate(source))
}

async function instantiate(source: WasmContent): Promise<WebAssembly.Instance> {
  if (isResponse(source)) return stream(source)
  if (isModule(source)) return WebAssembly.instantiate(source, imports())
  return (await WebAssembly.instantiate(source, imports())).instance
}

async function stream(source: Response): Promise<WebAssembly.Instance> {
  // A server that sends another content type makes streaming fail; the bytes are good all the same.
  if (source.headers.get('content-type')?.startsWith('application/wasm')) {
    return (await WebAssembly.instantiateStreaming(source, imports())).instance
  }
  return (await WebAssembly.instantiate(await source.arrayBuffer(), imports())).instance
}

/** Whether `value` is the answer to a request. */
export function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === '[object Response]'
}

function imports(): WebAssembly.Imports {
  return { [GLUE]: glue as unknown as WebAssembly.ModuleImports }
}

function start(instance: WebAssembly.Instance): void {
  // Two starts may have waited for their bytes side by side; the glue holds one instance.
  if (isReady()) return
  glue.__wbg_set_wasm(instance.exports)
  ;(instance.exports['__wbindgen_start'] as (() => void) | undefined)?.()
  use(glue as unknown as Kernel)
}
