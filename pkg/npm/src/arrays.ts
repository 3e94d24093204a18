/**
 * Typed arrays of any realm, over memory that may shrink, move away or be written to by others.
 *
 * The one idea: an array is never asked what it says of itself, which it may say wrongly, but what it is; and it is
 * looked at through a view of our own, which is right at the time it is made.
 */
import { IsofoldError } from './error.js'

/** Any typed array. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array

interface Kinds {
  Int8Array: Int8Array
  Uint8Array: Uint8Array
  Uint8ClampedArray: Uint8ClampedArray
  Int16Array: Int16Array
  Uint16Array: Uint16Array
  Int32Array: Int32Array
  Uint32Array: Uint32Array
  Float16Array: Float32Array
  Float32Array: Float32Array
  Float64Array: Float64Array
  BigInt64Array: BigInt64Array
  BigUint64Array: BigUint64Array
}

type Kind = keyof Kinds

/** What all typed arrays inherit from; its getters read arrays of every realm. */
const shared = Object.getPrototypeOf(Uint8Array.prototype) as object
const getter = (name: string | symbol) => Object.getOwnPropertyDescriptor(shared, name)?.get as (this: unknown) => unknown
const [kindGetter, bufferGetter, offsetGetter, lengthGetter] = [Symbol.toStringTag, 'buffer', 'byteOffset', 'length'].map(getter) as [
  (this: unknown) => Kind | undefined,
  (this: unknown) => ArrayBufferLike,
  (this: unknown) => number,
  (this: unknown) => number,
]

/** The name of the class of a typed array of any realm; `undefined` for anything else. */
export function kindOf(value: unknown): Kind | undefined {
  return kindGetter.call(value)
}

/** Whether `value` is a typed array of that class, of any realm. */
export function isKind<K extends Kind>(value: unknown, kind: K): value is Kinds[K] {
  return kindOf(value) === kind
}

/** A method of typed arrays that fails where their memory is gone. */
const { keys } = shared as { keys: (this: unknown) => unknown }

/**
 * Whether the memory of an array has moved away, or has shrunk to where it no longer reaches: such an array has the
 * length 0 as an empty one has.
 */
export function isGone(array: TypedArray): boolean {
  if (lengthGetter.call(array) > 0) return false
  try {
    keys.call(array)
    return false
  } catch {
    return true
  }
}

/** Words for memory that is gone. */
export const GONE = 'the memory of the array is detached: it was transferred, or has shrunk to nothing'

/** The same memory as an array of this realm, of the length that it has now. */
export function own<A extends TypedArray>(array: A): A {
  const View = (globalThis as unknown as Record<Kind, { new (buffer: ArrayBufferLike, offset: number, length: number): A; new (length: number): A }>)[
    kindOf(array) as Kind
  ]
  const length = lengthGetter.call(array)
  // memory that has moved away takes no view, and none is needed
  return length === 0 ? new View(0) : new View(bufferGetter.call(array), offsetGetter.call(array), length)
}

/** As {@link own}, with a copy of memory that other threads can write to. */
export function still<A extends TypedArray>(array: A): A {
  const view = own(array)
  return isShared(view) ? (view.slice() as A) : view
}

/**
 * Elements `start` to before `end` of an array made by {@link own}, of column `name`.
 *
 * Errors: `ingest.length` when its memory has shrunk or moved away meanwhile.
 */
export function part<A extends TypedArray>(name: string, array: A, start: number, end: number): A {
  if (array.length < end) {
    const message = `the memory of a column must stay as it is, of ${end} rows ${array.length} are left`
    throw new IsofoldError({ code: 'ingest.length', message, path: `column.${name}` })
  }
  return (isShared(array) ? array.slice(start, end) : array.subarray(start, end)) as A
}

function isShared({ buffer }: TypedArray): boolean {
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]'
}

/**
 * The bytes of a typed array, a view or a buffer of any realm, still; `undefined` for anything else.
 *
 * Errors: `host.argument` for memory that is gone.
 */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (isKind(value, 'Uint8Array')) {
    if (isGone(value)) throw new IsofoldError({ code: 'host.argument', message: GONE, path: '' })
    return still(value)
  }
  const tag = Object.prototype.toString.call(value)
  try {
    if (tag === '[object ArrayBuffer]') return new Uint8Array(value as ArrayBuffer)
    if (tag === '[object SharedArrayBuffer]') return new Uint8Array(value as SharedArrayBuffer).slice()
    if (!ArrayBuffer.isView(value)) return undefined
    return still(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  } catch {
    throw new IsofoldError({ code: 'host.argument', message: GONE, path: '' })
  }
}
