/** An answer that is no success, thrown by whoever finds the reason. */
export class RequestError extends Error {
  constructor(
    readonly status: 400 | 401 | 403 | 413,
    /** `area.problem`, stable. */
    readonly code: string,
    message: string,
    /** What the problem is about: a parameter, a field. */
    readonly path = '',
  ) {
    super(message)
    this.name = 'RequestError'
  }
}
