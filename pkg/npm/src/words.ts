/** Words for values that are not what they should be; no value makes these fail. */

/** A primitive as it is written, anything else by its kind. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'a list' : classOf(value)
    case 'function':
    case 'symbol':
      return `a ${typeof value}`
    default:
      return String(value)
  }
}

/** Classes of the language whose objects are not taken for objects of the program's own. */
const CLASSES = ['Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'Promise', 'Date', 'RegExp', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Generator', 'AsyncGenerator']

/** Whether an object is a promise, by what it does. */
export function isPromise(value: object): boolean {
  return kindOf(value) === 'Promise' || typeof (value as { then?: unknown }).then === 'function'
}

/** The name of the class of an object of the language; `undefined` for any other object. */
export function kindOf(value: object): string | undefined {
  try {
    const name = Object.prototype.toString.call(value).slice('[object '.length, -1)
    return CLASSES.includes(name) ? name : undefined
  } catch {
    // what tells its class may throw
    return undefined
  }
}

function classOf(value: object): string {
  const name = kindOf(value)
  if (name === undefined) return 'an object'
  return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${name}`
}

/** What errors call a value that has no names, and so is no row; `undefined` for an object that may be one. */
export function nameless(value: unknown): string | undefined {
  if (value == null) return String(value)
  if (typeof value === 'string') return 'a text'
  if (typeof value !== 'object') return `a ${typeof value}`
  if (Array.isArray(value)) return 'an array'
  if (ArrayBuffer.isView(value)) return 'a typed array'
  return kindOf(value) === undefined ? undefined : classOf(value)
}
