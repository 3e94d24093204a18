/**
 * What went wrong, with the same code, words and place in every host.
 *
 * Not here: the table of codes and the words; they come from the kernel.
 */

/** One problem of several found together. */
export interface Problem {
  /** `area.problem`, stable for ever. */
  readonly code: string
  /** What was wrong, the value and the limit. */
  readonly message: string
  /** The place, `spec.select.p95` or `column.tokens[12]`; empty where there is none. */
  readonly path: string
  /** The character inside the text at `path`, 0-based, in code points. */
  readonly position?: number | null
}

/** What marks an error of this package, whichever copy of it made the error. */
const BRAND = Symbol.for('isofold.error')

/**
 * A coded error: what was wrong, the value, the limit and the place.
 *
 * @example
 * ```ts
 * let found
 * try {
 *   rollup.query({ select: ['median_ms'] })
 * } catch (error) {
 *   found = [error.code, error.path]
 * }
 * found // → ['query.unknown_name', 'query.select[0]']
 * ```
 */
export class IsofoldError extends Error {
  /** The code, `area.problem`, the same in every host and stable for ever. */
  readonly code: string
  /**
   * The place, such as `spec.select.p95`, and at its end the row, as in `column.tokens[12]`; empty when there is
   * none.
   */
  readonly path: string
  /** The character inside the text at `path`, from 0, in code points. */
  readonly position: number | undefined
  /** All problems found together, this one first. */
  readonly problems: readonly Problem[]

  static {
    // On the prototype, so that the first line of a stack names this class.
    Object.defineProperty(this.prototype, 'name', { value: 'IsofoldError', configurable: true, writable: true })
  }

  /** Errors of every copy of this package: each entry, module system and realm has one of its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== IsofoldError) return Function.prototype[Symbol.hasInstance].call(this, value)
    return typeof value === 'object' && value !== null && BRAND in value
  }

  constructor(problem: Problem & { readonly problems?: readonly Problem[] | null }) {
    super(inWords(problem))
    Object.defineProperty(this, BRAND, { value: true })
    // The stack keeps the words with the place; the message is the same as in every other host.
    Object.defineProperty(this, 'message', {
      value: problem.message,
      configurable: true,
      writable: true,
      enumerable: false,
    })
    this.code = problem.code
    this.path = problem.path
    this.position = problem.position ?? undefined
    this.problems = problem.problems?.length ? problem.problems : [first(problem)]
  }
}

function first({ code, message, path, position }: Problem): Problem {
  return { code, message, path, position: position ?? null }
}

function inWords({ message, path, position }: Problem): string {
  const place = [path, position == null ? '' : `character ${position}`].filter((part) => part !== '').join(', ')
  return place === '' ? message : `${message} (${place})`
}

/** The problem that a backend threw as JSON, as an {@link IsofoldError}; anything else as it is. */
export function fromJson(thrown: unknown): unknown {
  // an error may be one of another realm
  const text = typeof thrown === 'string' ? thrown : (thrown as { message?: unknown } | null | undefined)?.message
  if (typeof text !== 'string' || !text.startsWith('{')) return thrown
  try {
    return new IsofoldError(JSON.parse(text) as Problem)
  } catch {
    return thrown
  }
}
