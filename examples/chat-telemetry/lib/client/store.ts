/**
 * What the dashboard knows at the moment: the rollup, the chats that are running, and how the connection is.
 *
 * The one idea: events change the rollup in place and publish a new snapshot; everything shown is a function of the
 * snapshot and of what the reader chose.
 *
 * Not here: reading events (`live.ts`), merging and checking them (`held.ts`).
 */
import { type LiveSessions, ROUTES } from '@/lib/contract'
import { windowOf } from '@/lib/window'
import { ChangeRefused, type Agreement, type Change, type Held } from './held'
import type { Levels } from './levels'
import { deltaOf, replaceOf, sessionsOf } from './live'
import { load, LoadFailure } from './source'

/** How updates arrive: `stopped` after one that was refused. */
export type Connection = 'connecting' | 'live' | 'lost' | 'offline' | 'stopped'

/** What the dashboard knows. */
export interface Snapshot {
  readonly status: 'loading' | 'ready' | 'failed'
  /** Why loading failed. */
  readonly failure: LoadFailure | null
  readonly levels: Levels | null
  /** The version of the levels. */
  readonly version: number
  readonly digest: string | null
  readonly agreement: Agreement
  readonly sessions: LiveSessions | null
  readonly connection: Connection
  /** Why an update was refused. */
  readonly refusal: string | null
  readonly watermark: Date | null
  /** The server's time of the newest word from it. */
  readonly heardAt: Date | null
}

const NOTHING: Snapshot = {
  status: 'loading', failure: null, levels: null, version: 0, digest: null, agreement: 'unchecked', sessions: null,
  connection: 'connecting', refusal: null, watermark: null, heardAt: null,
}

const RECONNECT_MS = 5_000
const HOUR_WATCH_MS = 15_000
/** A server that answers every connection with a reset is asked no faster than this. */
const RESET_PAUSE_MS = 1_000

/** The state of one open dashboard. */
export class TelemetryStore {
  #snapshot = NOTHING
  #held: Held | undefined
  #loading: AbortController | undefined
  #events: EventSource | undefined
  #cursor = ''
  #serverMinusPage = 0
  #timers = new Set<ReturnType<typeof setTimeout>>()
  #check: ReturnType<typeof setTimeout> | undefined
  readonly #listeners = new Set<() => void>()

  /** What is known now; the same object until something changes. */
  readonly snapshot = (): Snapshot => this.#snapshot

  /** Calls `listener` after every change, until the function returned is called. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Begins: loads, connects, follows the clock and the network; the function returned ends it all. */
  readonly open = (): (() => void) => {
    const goOffline = (): void => this.#goOffline()
    const goOnline = (): void => this.#goOnline()
    window.addEventListener('offline', goOffline)
    window.addEventListener('online', goOnline)
    const watch = setInterval(() => this.#watchHour(), HOUR_WATCH_MS)
    void this.reload()
    return () => {
      window.removeEventListener('offline', goOffline)
      window.removeEventListener('online', goOnline)
      clearInterval(watch)
      this.#loading?.abort()
      this.#disconnect()
      this.#held?.free()
      this.#held = undefined
      this.#snapshot = NOTHING
    }
  }

  /** Loads the rollup anew; what was known stays visible until it is there. */
  readonly reload = async (): Promise<void> => {
    this.#loading?.abort()
    const loading = new AbortController()
    this.#loading = loading
    this.#disconnect()
    this.#publish({ status: 'loading', failure: null })
    try {
      const { held, cursor, now, watermark } = await load(loading.signal)
      if (loading.signal.aborted) return held.free()
      this.#held?.free()
      this.#held = held
      this.#cursor = cursor
      this.#serverMinusPage = now.getTime() - Date.now()
      this.#publish({ status: 'ready', refusal: null, watermark, heardAt: now, ...known(held) })
      this.#connect()
    } catch (error) {
      if (loading.signal.aborted) return
      const failure = error instanceof LoadFailure ? error : new LoadFailure('failed', String(error))
      this.#publish({ status: 'failed', failure, connection: navigator.onLine ? 'lost' : 'offline' })
      if (failure.code !== 'signed_out' && this.#held !== undefined) this.#later(RECONNECT_MS, () => void this.reload())
    }
  }

  /** The server's time. */
  readonly now = (): Date => new Date(Date.now() + this.#serverMinusPage)

  #connect(): void {
    this.#disconnect()
    this.#publish({ connection: 'connecting' })
    const events = new EventSource(`${ROUTES.live}?cursor=${encodeURIComponent(this.#cursor)}`)
    this.#events = events
    events.onopen = () => this.#publish({ connection: 'live' })
    events.onerror = () => this.#lose(events)
    events.addEventListener('delta', (event) => this.#take(event, () => this.#apply(deltaOf(event.data))))
    events.addEventListener('replace', (event) => this.#take(event, () => this.#apply(replaceOf(event.data))))
    events.addEventListener('sessions', (event) => this.#take(event, () => this.#publish({ sessions: sessionsOf(event.data) })))
    events.addEventListener('reset', () => this.#reset())
  }

  #disconnect(): void {
    this.#events?.close()
    this.#events = undefined
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#check = undefined
  }

  /** Takes an event in, or says why not and stops listening: what follows would build on what is missing. */
  #take(event: MessageEvent<string>, work: () => void): void {
    try {
      work()
      if (event.lastEventId !== '') this.#cursor = event.lastEventId
      this.#publish({ heardAt: this.now() })
    } catch (error) {
      this.#refuse(error)
    }
  }

  #refuse(error: unknown): void {
    if (!(error instanceof ChangeRefused)) throw error
    this.#disconnect()
    this.#publish({ connection: 'stopped', refusal: error.message, ...(this.#held && known(this.#held)) })
  }

  #apply(change: Change): void {
    const held = this.#held
    if (held === undefined) return
    held.apply(change)
    this.#publish(known(held))
    if (held.agreement === 'unchecked') this.#checkLater(held)
  }

  #checkLater(held: Held): void {
    if (this.#check !== undefined) return
    this.#check = this.#later(held.checkPause, () => {
      this.#check = undefined
      try {
        held.check()
        this.#publish(known(held))
      } catch (error) {
        this.#refuse(error)
      }
    })
  }

  #lose(events: EventSource): void {
    if (this.#events !== events) return
    this.#publish({ connection: navigator.onLine ? 'lost' : 'offline' })
    // The browser itself tries again after a broken connection, not after an answer that is no stream: then the
    // session may be over, or the server another one that does not know the cursor.
    if (events.readyState === EventSource.CLOSED) this.#later(RECONNECT_MS, () => void this.reload())
  }

  #reset(): void {
    this.#disconnect()
    this.#publish({ connection: 'connecting' })
    this.#later(RESET_PAUSE_MS, () => void this.reload())
  }

  #goOffline(): void {
    this.#publish({ connection: 'offline' })
  }

  #goOnline(): void {
    if (this.#snapshot.connection === 'stopped') return
    if (this.#held === undefined) void this.reload()
    else this.#connect()
  }

  #watchHour(): void {
    if (this.#held === undefined) return
    this.#held.levels.advance(windowOf(1, this.now()).end)
    if (this.#held.levels.version !== this.#snapshot.version) this.#publish(known(this.#held))
  }

  #later(wait: number, work: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, wait)
    this.#timers.add(timer)
    return timer
  }

  #publish(change: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    for (const listener of this.#listeners) listener()
  }
}

function known({ levels, digest, agreement }: Held): Pick<Snapshot, 'levels' | 'version' | 'digest' | 'agreement'> {
  return { levels, version: levels.version, digest, agreement }
}
