/**
 * How the routes answer.
 *
 * The one idea: one place turns what was thrown into a status, so that no route answers 200 to what it could not do.
 */
import type { ErrorBody } from '../contract'
import { RequestError } from './request-error'

/** Answers with what `work` returns: a response as it is, anything else as JSON. */
export async function respond(work: () => Promise<unknown>): Promise<Response> {
  try {
    const body = await work()
    return body instanceof Response ? body : Response.json(body, { headers: { 'cache-control': 'no-store' } })
  } catch (error) {
    return failure(error)
  }
}

/** The response for what was thrown. */
export function failure(error: unknown): Response {
  if (error instanceof RequestError) return errorResponse(error.status, error.code, error.message, error.path)
  if (isUnreachable(error)) return errorResponse(503, 'database.unavailable', 'the database cannot be reached', '')
  console.error(error)
  return errorResponse(500, 'server.error', 'the request could not be answered', '')
}

function errorResponse(status: number, code: string, message: string, path: string): Response {
  const body: ErrorBody = { error: { code, message, path } }
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } })
}

/** Errors of a connection, and of a server that is starting, stopping or full. */
const UNREACHABLE = /ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|ENOENT.*PGSQL|^57P0|^53300|^08|Connection terminated|PGlite is closed/

function isUnreachable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, message, errors } = error as { code?: unknown; message?: unknown; errors?: unknown }
  return UNREACHABLE.test(String(code)) || UNREACHABLE.test(String(message)) || (Array.isArray(errors) && errors.some(isUnreachable))
}
