/**
 * What a store needs of a database.
 *
 * Not here: which statements run in which order; the kernel says that.
 */

/** A value as a driver takes and gives it; integers are bigints. */
export type SqlCell = null | boolean | number | bigint | string | Uint8Array

/** Rows as arrays, in the order of the columns of the statement. */
export type SqlRow = readonly unknown[]

/** One connection, for as long as one run needs it. */
export interface Connection {
  /** Runs a statement as it is and gives its rows. */
  run(sql: string, parameters: readonly SqlCell[]): Promise<SqlRow[]>
  /** Ends a transaction, where there is one, and never fails. */
  rollback(): Promise<void>
}

/** Lends connections. */
export interface Driver {
  /** Whether sessions have a connection each, so that they need not wait for each other. */
  readonly isPool: boolean
  /** Calls `work` with a connection that nobody else uses meanwhile. */
  session<T>(work: (connection: Connection) => Promise<T>): Promise<T>
}

/** How values of PostgreSQL are read from their texts, by the OID of their type; texts stay texts. */
export const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't' || text === 'true',
  17: bytesOfHex,
  20: BigInt,
  21: BigInt,
  23: BigInt,
  700: Number,
  701: Number,
  1700: numberOf,
}

/** Buffer, which every host of `pg` has, is eight times as fast as reading digits one by one. */
function bytesOfHex(text: string): Uint8Array {
  return Buffer.from(text.slice(2), 'hex')
}

/** What a `numeric` is for a column that is no decimal, of which the kernel asks for the text. */
export function numberOf(text: string): bigint | number {
  const [, whole] = /^(-?\d+)(?:\.0*)?$/.exec(text) ?? []
  return whole === undefined ? Number(text) : BigInt(whole)
}
