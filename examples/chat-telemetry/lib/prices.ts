/**
 * What does a request cost?
 *
 * The one idea: one table of prices (`prices.json`), for this module and, through `model_prices`, for the trigger in
 * the database. Money is counted in whole numbers, so both give the same to the last digit.
 */
import table from './prices.json' with { type: 'json' }

/** A price, USD for a million tokens, of the models whose names begin with `prefix`. */
export interface Price {
  readonly prefix: string
  readonly input_usd: string
  readonly output_usd: string
}

/** All prices; a model has that of the longest prefix that fits. */
export const PRICES: readonly Price[] = table

/** 1 USD for a million tokens is 1e-6 USD a token; prices have two decimals, so the unit is 1e-8 USD. */
const UNITS_PER_MICRO = 100n

/** The cost of a request in USD, a text with 6 decimals as the column has it. */
export function costOf(model: string, inputTokens: number, outputTokens: number): string {
  const price = priceOf(model)
  const units = BigInt(inputTokens) * cents(price.input_usd) + BigInt(outputTokens) * cents(price.output_usd)
  const micros = (units + UNITS_PER_MICRO / 2n) / UNITS_PER_MICRO
  return `${micros / 1_000_000n}.${String(micros % 1_000_000n).padStart(6, '0')}`
}

/** The price of a model. */
export function priceOf(model: string): Price {
  const fitting = PRICES.filter(({ prefix }) => model.startsWith(prefix))
  const [first, ...rest] = fitting
  if (first === undefined) throw new Error('prices.json must have a price for the empty prefix')
  return rest.reduce((best, price) => (price.prefix.length > best.prefix.length ? price : best), first)
}

function cents(usd: string): bigint {
  const [whole = '0', decimals = ''] = usd.split('.')
  return BigInt(whole) * 100n + BigInt(decimals.padEnd(2, '0'))
}
