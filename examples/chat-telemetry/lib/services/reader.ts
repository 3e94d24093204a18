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
import { periodBefore } from '../client/range'
import { kept } from './kept'

/** A row of an answer. */
export type Answer = Readonly<Record<string, Cell>>

/** The longest of the windows before now that summaries tell. */
export const RECENT_DAYS = 7

/** Answers queries over the metrics of `lib/catalog.ts`. */
export interface Reader {
  read(query: Query): Promise<readonly Answer[]>
}

/**
 * Reads the levels in memory: ranges are the last `days` days, of one domain or all.
 *
 * **Cost** Linear in models × domains, and in hours for a trend; nothing for what was asked since the last change.
 */
export function levelsReader(levels: Levels, days: number, domain?: string): Reader {
  return {
    // not off the thread: between two answers nothing may change the levels
    async read(query) {
      const { start: _start, end: _end, ...asked } = query
      if (query.bucket === null) return kept(levels, [days, asked], () => levels.period(days).query(asked).rows())
      return kept(levels, [domain, query], () => levels.hoursBy(domain ?? null).query(query).rows())
    },
  }
}

/**
 * Reads all time from the levels in memory, and the days before now in whole hours, the running one among them.
 *
 * **Cost** Linear in models × domains; nothing for what was asked since the last change.
 */
export function allTimeReader(levels: Levels): Reader {
  return {
    async read({ start: _start, end: _end, ...asked }) {
      if (asked.windows === undefined) return kept(levels, asked, () => levels.allTime().query(asked).rows())
      const recent = { ...asked, ...periodBefore(levels.end, RECENT_DAYS) }
      return kept(levels, recent, () => levels.days.query(recent).rows())
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
