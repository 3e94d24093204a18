/**
 * The rollup of one organisation in the memory of the server, and the events that take a page along.
 *
 * The one idea: rows and rollups answer alike, so what is stored, what is not stored yet and what changed just now are
 * one rollup; a page that applies the same events holds the same bytes, and the digest of each event proves it.
 */
import { randomUUID } from 'node:crypto'
import type { Rollup } from 'isofold'
import type { Store } from 'isofold/stores'
import { PAGE_DAYS, PAGE_SPEC } from '../catalog'
import { Levels } from '../client/levels'
import { DAY, floorTo, HOUR, now } from '../clock'
import type { DeltaEvent, ReplaceEvent, ResetEvent } from '../contract'
import type { Database } from '../database/database'
import { tenantStore } from '../store'
import { windowOf } from '../window'
import { type Changes, changesSince, currentSnapshot, type Hours, pendingHours } from './changes'
import { foldRange, foldRows } from './rows'

/** An event of the live stream. */
export type LedgerEvent =
  | { readonly type: 'delta'; readonly id: string; readonly data: DeltaEvent }
  | { readonly type: 'replace'; readonly id: string; readonly data: ReplaceEvent }
  | { readonly type: 'reset'; readonly id: string; readonly data: ResetEvent }

/** What a page starts from. */
export interface Held {
  /** The rollup, and the coarser ones that a page answers from too. */
  readonly levels: Levels
  readonly digest: string
  readonly cursor: string
}

/** Events that are kept for pages that come back. */
const KEPT_EVENTS = 256
/** Ranges that are worth telling one by one. */
const MOST_RANGES = 24

interface Loaded {
  readonly levels: Levels
  digest: string
  /** All hours from here on were read from rows, so new rows can be added to them. */
  readonly settled: Date
  /** The day of UTC that it was loaded on. */
  readonly day: number
  snapshot: string
  /** Tells this ledger's cursors from those of others. */
  readonly name: string
  /** How many events there were. */
  count: number
  events: LedgerEvent[]
}

export class Ledger {
  readonly #database: Database
  readonly #listeners = new Set<(event: LedgerEvent) => void>()
  #loaded: Loaded | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** The ledger of whoever the database is narrowed to. */
  constructor(database: Database) {
    this.#database = database
  }

  /** The rollup as it is now: everything that is committed. Do not change it. */
  async current(): Promise<Held> {
    const loaded = await this.#updated()
    loaded.levels.advance(endOfRanges())
    return { levels: loaded.levels, digest: loaded.digest, cursor: cursorOf(loaded) }
  }

  /** Takes in what was committed since, and tells the listeners. */
  async update(): Promise<void> {
    await this.#updated()
  }

  /** What happened since a cursor; a reset when that cannot be told. */
  since(cursor: string): readonly LedgerEvent[] {
    const loaded = this.#loaded
    const [name, count] = cursor.split('.')
    const missed = loaded === undefined || name !== loaded.name ? Number.NaN : loaded.count - Number(count)
    if (loaded === undefined || !(missed >= 0 && missed <= loaded.events.length)) {
      return [{ type: 'reset', id: cursor, data: { reason: 'cursor' } }]
    }
    return missed === 0 ? [] : loaded.events.slice(-missed)
  }

  /** Calls `listener` with every event from now on, until the function that it returns is called. */
  subscribe(listener: (event: LedgerEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whether anybody listens. */
  get isWatched(): boolean {
    return this.#listeners.size > 0
  }

  #updated(): Promise<Loaded> {
    const mine = this.#last.catch(() => undefined).then(async () => {
      const loaded = this.#loaded
      if (loaded === undefined) return (this.#loaded = await this.#load())
      if (floorTo(DAY, now()).getTime() !== loaded.day) return await this.#reset('day')
      return (await this.#follow(loaded)) ? loaded : await this.#reset('behind')
    })
    this.#last = mine
    return mine
  }

  async #load(): Promise<Loaded> {
    const day = floorTo(DAY, now()).getTime()
    const start = new Date(day - PAGE_DAYS * DAY)
    const settled = new Date(floorTo(HOUR, now()).getTime() - HOUR)
    const recent = await this.#database.snapshot(async (queries) => {
      const snapshot = await currentSnapshot(queries)
      const pending = await pendingHours(queries, PAGE_SPEC.name, start, settled)
      const ranges: [Hours, Rollup][] = []
      for (const range of pending) ranges.push([range, await foldRange(queries, range.start, range.end)])
      return { snapshot, ranges, tail: await foldRange(queries, settled) }
    })
    // Whatever is committed between the snapshot and this is told by the next look at the changes.
    const store = tenantStore(this.#database)
    const rollup = await store.load(PAGE_SPEC.name, start, settled)
    const before = await loadBefore(store, start)
    for (const [{ start: from, end }, part] of recent.ranges) rollup.replace(from, end, part)
    rollup.merge(recent.tail)
    const name = randomUUID().slice(0, 8)
    return { levels: new Levels(rollup, endOfRanges(), before), digest: rollup.digest(), settled, day, snapshot: recent.snapshot, name, count: 0, events: [] }
  }

  async #reset(reason: ResetEvent['reason']): Promise<Loaded> {
    const loaded = await this.#load()
    this.#loaded?.levels.free()
    this.#loaded = loaded
    this.#tell({ type: 'reset', id: cursorOf(loaded), data: { reason } })
    return loaded
  }

  /** Applies what is new; false when loading anew is less work. */
  async #follow(loaded: Loaded): Promise<boolean> {
    const found = await this.#database.snapshot(async (queries) => {
      const snapshot = await currentSnapshot(queries)
      if (snapshot === loaded.snapshot) return { snapshot, parts: [], delta: undefined }
      const changes: Changes = await changesSince(queries, loaded.snapshot, loaded.settled)
      if (changes.emptied || changes.anew.length > MOST_RANGES) return undefined
      const parts: [Hours, Rollup][] = []
      for (const range of changes.anew) parts.push([range, await foldRange(queries, range.start, range.end)])
      return { snapshot, parts, delta: changes.rows.length === 0 ? undefined : await foldRows(queries, changes.rows) }
    })
    if (found === undefined) return false
    // before anything is applied: what cannot be applied is loaded anew, never applied twice
    loaded.snapshot = found.snapshot
    try {
      this.#apply(loaded, found.parts, found.delta)
    } catch {
      return false
    }
    return true
  }

  #apply(loaded: Loaded, parts: readonly (readonly [Hours, Rollup])[], delta: Rollup | undefined): void {
    for (const [{ start, end }, part] of parts) {
      loaded.levels.replace(start, end, part)
      this.#note(loaded, (id, change) => ({ type: 'replace', id, data: { start: start.toISOString(), end: end.toISOString(), ...change } }), part)
    }
    if (delta === undefined || delta.size === 0) return
    loaded.levels.merge(delta)
    this.#note(loaded, (id, data) => ({ type: 'delta', id, data }), delta)
  }

  #note(loaded: Loaded, eventOf: (id: string, change: DeltaEvent) => LedgerEvent, part: Rollup): void {
    loaded.digest = loaded.levels.hours.digest()
    loaded.count += 1
    const bytes = Buffer.from(part.encode()).toString('base64')
    const event = eventOf(cursorOf(loaded), { bytes, digest: loaded.digest })
    loaded.events = [...loaded.events, event].slice(-KEPT_EVENTS)
    this.#tell(event)
  }

  #tell(event: LedgerEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch {
        // one that cannot be told, a page that has just gone, keeps nobody else from being told
        this.#listeners.delete(listener)
      }
    }
  }
}

/** What is stored of the time before a day of UTC: months, then days. */
async function loadBefore(store: Store, day: Date): Promise<Rollup> {
  const month = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth()))
  const months = await store.load('telemetry_model_months', undefined, month)
  const days = await store.load('telemetry_model_days', month, day)
  const before = days.coarsen({ bucket: '1 month' })
  before.merge(months)
  return before
}

function cursorOf({ name, count }: Loaded): string {
  return `${name}.${count}`
}

function endOfRanges(): Date {
  return windowOf(1, now()).end
}
