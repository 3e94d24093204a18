/**
 * Calls of the kernel: what they throw becomes an error with a code.
 *
 * The one idea: a trap leaves a WebAssembly module in the middle of something, so nothing of it is used afterwards. What
 * it held is lost, and refused from then on; the next rollup gets a module of its own.
 */
import { fromJson, IsofoldError } from './error.js'
import { lose } from './kernel.js'

/** Runs a call of the kernel. */
export function call<T>(work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw fromKernel(thrown)
  }
}

/** Awaits a call of the kernel. */
export async function callAsync<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw fromKernel(thrown)
  }
}

function fromKernel(thrown: unknown): unknown {
  if (thrown instanceof IsofoldError) return thrown
  const { name, message } = (thrown ?? {}) as { name?: unknown; message?: unknown }
  const isTrap = name === 'RuntimeError' || (isRangeError(name) && /stack|recursion/i.test(String(message)))
  if (isTrap) return lose(String(message)) ?? thrown
  // what the host says when it has no room for an array
  if (isRangeError(name)) return new IsofoldError({ code: 'limit.memory', message: String(message), path: '' })
  return fromJson(thrown)
}

function isRangeError(name: unknown): boolean {
  return name === 'RangeError' || name === 'InternalError'
}
