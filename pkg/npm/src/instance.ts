/**
 * Starts the wasm backend from a compiled module or from bytes, and again when a trap has stopped it.
 *
 * Not here: where the bytes come from (`entries/`).
 */
import { type Glue, glueOf } from 'isofold:glue'
import type { Problem } from './error.js'
import { isReady, type Kernel, use } from './kernel.js'

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
  use(startedSync(isModule(source) ? source : new WebAssembly.Module(source)))
}

/** Starts the backend without blocking: browsers refuse to compile a large module on their main thread. */
export async function startAsync(source: WasmContent): Promise<void> {
  if (isReady()) return
  const module = isModule(source) ? source : await compiled(source)
  const glue = glueOf()
  const instance = await WebAssembly.instantiate(module, imports(glue))
  // two starts may have waited for their bytes side by side
  if (!isReady()) use(started(module, instance, glue))
}

async function compiled(source: BufferSource | Response): Promise<WebAssembly.Module> {
  if (!isResponse(source)) return WebAssembly.compile(source)
  // A server that sends another content type makes streaming fail; the bytes are good all the same.
  if (source.headers.get('content-type')?.startsWith('application/wasm')) return WebAssembly.compileStreaming(source)
  return WebAssembly.compile(await source.arrayBuffer())
}

/** Whether `value` is the answer to a request. */
export function isResponse(value: unknown): value is Response {
  return Object.prototype.toString.call(value) === '[object Response]'
}

/** What a module exports besides what its glue calls. */
interface Exports {
  /** Whether an allocation has found no memory. */
  exhausted(): number
  __wbindgen_start?(): void
}

function imports(glue: Glue): WebAssembly.Imports {
  return { [GLUE]: glue as unknown as WebAssembly.ModuleImports }
}

function startedSync(module: WebAssembly.Module): Kernel {
  const glue = glueOf()
  return started(module, new WebAssembly.Instance(module, imports(glue)), glue)
}

/** The kernel in an instance. */
function started(module: WebAssembly.Module, instance: WebAssembly.Instance, glue: Glue): Kernel {
  const exports = instance.exports as unknown as Exports
  glue.__wbg_set_wasm(instance.exports)
  exports.__wbindgen_start?.()
  const { Rollup, Batch, version, setSecret } = glue as unknown as Kernel
  const stop = (words: string): Problem => {
    // What a garbage collector finds of this kernel later must not be freed in memory that is not whole.
    glue.__wbg_set_wasm(NOTHING)
    return problemOf(exports.exhausted() !== 0, words)
  }
  return { Rollup, Batch, version, setSecret, stop, again: () => startedSync(module) }
}

const NOTHING = new Proxy({}, { get: () => () => 0 }) as WebAssembly.Exports

function problemOf(isExhausted: boolean, words: string): Problem {
  if (isExhausted) return { code: 'limit.memory', message: 'the memory of the WebAssembly module is used up', path: '' }
  const message = `a defect of isofold stopped this call, please report it: ${words}`
  return { code: 'host.panic', message, path: '' }
}
