/** Words for values that are not what they should be; no value makes these fail. */

/** A primitive as it is written, anything else by its kind. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object'
    case 'function':
    case 'symbol':
      return `a ${typeof value}`
    default:
      return String(value)
  }
}
