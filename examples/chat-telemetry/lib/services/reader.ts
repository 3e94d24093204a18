/**
 * Asking rollups, whether they are in memory or in the database.
 *
 * The one idea: both take the same query and give the same answer to the digit, so a service does not know which it
 * asks.
 */
import type { Cell, Query } from 'isofold'
import type { Store } from 'isofold/stores'
import { PAGE_SPEC } from '../catalog'
import type { Levels } from '../client/levels'

/** A row of an answer. */
export type Answer = Readonly<Record<string, Cell>>

/** Answers queries over the metrics of `lib/catalog.ts`. */
export interface Reader {
  read(query: Query): Promise<Answer[]>
}

/**
 * Reads the levels in memory: ranges are the last `days` days, of one domain or all.
 *
 * **Cost** Linear in models × domains, and in hours for a trend.
 */
export function levelsReader(levels: Levels, days: number, domain?: string): Reader {
  return {
    // not off the thread: between two answers nothing may change the levels
    async read(query) {
      if (query.bucket !== null) return levels.hoursBy(domain ?? null).query(query).rows()
      const { start: _start, end: _end, ...asked } = query
      return levels.period(days).query(asked).rows()
    },
  }
}

/** Reads the stored rollups, and rows for what is not stored yet; any range. */
export function storeReader(store: Store): Reader {
  return { read: async (query) => (await store.query(PAGE_SPEC.name, query)).result.rows() }
}

/** A condition of one domain. */
export function whereDomain(domain: string): string {
  return `domain = '${domain.replaceAll("'", "''")}'`
}

/** The number in a cell; what is NULL is `otherwise`. */
export function numberIn<Otherwise>(answer: Answer | undefined, name: string, otherwise: Otherwise): number | Otherwise {
  const cell = answer?.[name]
  return typeof cell === 'number' || typeof cell === 'bigint' ? Number(cell) : otherwise
}

/** The time in a cell. */
export function timeIn(answer: Answer, name: string): Date {
  const cell = answer[name]
  if (cell instanceof Date) return cell
  throw new TypeError(`${name} must be a time, got ${String(cell)}`)
}
