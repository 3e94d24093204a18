/** Parameters and bodies, checked; what does not fit is a 400 that names it. */
import { z } from 'zod'
import { RequestError } from './request-error'

/** Characters of a body: a chat request with its searches has a few thousand. */
const MOST_TEXT = 65_536

/** The parameters of a URL as a schema says; unknown ones are ignored. */
export function parametersOf<Schema extends z.ZodType>(request: Request, schema: Schema): z.infer<Schema> {
  const { searchParams } = new URL(request.url)
  return checked(schema, Object.fromEntries(searchParams), 'parameter')
}

/** The JSON body of a request as a schema says. */
export async function bodyOf<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.infer<Schema>> {
  const text = await request.text()
  if (text.length > MOST_TEXT) throw new RequestError(413, 'body.large', `the body must have at most ${MOST_TEXT} characters`)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw new RequestError(400, 'body.json', 'the body must be JSON')
  }
  return checked(schema, body, 'body')
}

/** A whole number written as a parameter. */
export const wholeNumber = (low: number, high: number): z.ZodType<number> =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${low} to ${high}`)
    .transform(Number)
    .refine((value) => value >= low && value <= high, `must be a whole number from ${low} to ${high}`)

/** A domain that is asked for; blank asks for all. */
export const optionalDomain = z
  .string()
  .max(253, 'must have at most 253 characters')
  .transform((text) => text.trim())
  .transform((text) => (text === '' ? undefined : text))
  .optional()

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, area: 'parameter' | 'body'): z.infer<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = issue?.path.join('.') ?? ''
  throw new RequestError(400, `${area}.invalid`, `${path === '' ? 'the body' : path} is not valid: ${issue?.message ?? ''}`, path)
}
