/**
 * The command run: refreshes and prunes on the schedule of a catalog until it is stopped.
 *
 * When a rollup is due is read from the database, so a restart forgets nothing. One that fails is tried again after a
 * second, then two, four, … up to its schedule; the others go on meanwhile. A connection that is lost is made again.
 */
import { IsofoldError } from '../error.js'
import type { Progress, Store } from '../stores/index.js'
import type { Opened } from './opened.js'
import { complain } from './secrets.js'
import { show } from './show.js'

/** Seconds between two looks at what is due, so that the clock is noticed. */
const MAX_SLEEP = 5
/** Seconds between two tries to connect, at most. */
const MAX_PATIENCE = 60
/** Seconds that the end of a connection may take. */
const MAX_CLOSING = 2
const MAX_DOUBLINGS = 30
const HIDDEN = ['refused', 'lost', 'stale']
const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** The window at work when the stop was asked for is done. */
class Stopped extends Error {}

/** Asked for by SIGTERM or SIGINT. */
class Stop {
  isAsked = false
  #window: string | undefined
  #wake: () => void = () => undefined

  readonly ask = (): void => {
    this.isAsked = true
    this.#wake()
  }

  async sleep(seconds: number): Promise<void> {
    if (this.isAsked) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Ends a refresh between two windows. */
  readonly told = ({ rollup, start }: Progress): void => {
    const window = JSON.stringify([rollup, start])
    if (this.isAsked && window !== this.#window) throw new Stopped()
    this.#window = window
  }
}

/** How often the refresh of each rollup failed in a row. */
class Attempts {
  /** The refresh before the attempt, how many failed since, and when the next may be. */
  readonly #failed = new Map<string, { readonly last: string | null; readonly times: number; readonly after: number }>()

  constructor(readonly every: Readonly<Record<string, number>>) {}

  begin(name: string, last: string | null): void {
    const before = this.#failed.get(name)
    const times = before !== undefined && before.last === last ? before.times + 1 : 1
    const pause = Math.min(2 ** Math.min(times - 1, MAX_DOUBLINGS), this.every[name] ?? MAX_PATIENCE)
    this.#failed.set(name, { last, times, after: performance.now() + pause * 1000 })
  }

  /** Seconds until the next attempt; none where the last one succeeded. */
  wait(name: string, last: string | null): number {
    const before = this.#failed.get(name)
    return before !== undefined && before.last === last ? Math.max((before.after - performance.now()) / 1000, 0) : 0
  }
}

/** Runs until it is stopped, or for so many rounds where they are more than 0. */
export async function schedule(connect: () => Promise<Opened>, isJson: boolean, rounds: number): Promise<number> {
  const stop = new Stop()
  for (const signal of SIGNALS) process.on(signal, stop.ask)
  try {
    await goOn(connect, stop, isJson, rounds)
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop.ask)
  }
  return 0
}

async function goOn(connect: () => Promise<Opened>, stop: Stop, isJson: boolean, rounds: number): Promise<void> {
  let opened: Opened | undefined = await connect()
  const seconds = Object.entries(opened.store.schedule()).map(([name, every]) => [name, every ?? MAX_PATIENCE] as const)
  const attempts = new Attempts(Object.fromEntries(seconds))
  let done = 0
  let failed = 0
  try {
    while (!stop.isAsked) {
      let wait: number
      try {
        opened ??= await connect()
        const next = await dueOf(opened.store, attempts)
        wait = next.wait
        failed = 0
        if (next.due.length > 0) {
          await round(opened.store, next.due, stop, isJson)
          if (++done === rounds) return
        }
      } catch (error) {
        if (!(error instanceof IsofoldError)) throw error
        tell(error)
        // the connection may be the reason: the next look has another one
        await closed(opened)
        opened = undefined
        wait = Math.min(2 ** failed, MAX_PATIENCE)
        failed = Math.min(failed + 1, MAX_DOUBLINGS)
      }
      await stop.sleep(wait)
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  } finally {
    await closed(opened)
  }
}

async function round(store: Store, due: readonly string[], stop: Stop, isJson: boolean): Promise<void> {
  try {
    const { now, rollups } = await store.refresh({ rollups: due, onProgress: stop.told })
    if (!isJson) console.log(now)
    show(rollups, isJson, HIDDEN)
  } catch (error) {
    if (!(error instanceof IsofoldError)) throw error
    // check shows it, and what failed is tried again
    tell(error)
  }
  await store.prune()
}

/** The rollups whose schedule_interval has passed since their last refresh, and the seconds to the next one. */
async function dueOf(store: Store, attempts: Attempts): Promise<{ readonly due: readonly string[]; readonly wait: number }> {
  const due: string[] = []
  let wait = MAX_SLEEP
  for (const { name, refreshed_at: last, due_in_ms } of await store.due()) {
    const left = Math.max(attempts.wait(name, last), due_in_ms / 1000)
    if (left <= 0) {
      attempts.begin(name, last)
      due.push(name)
    } else {
      wait = Math.min(wait, left)
    }
  }
  return { due, wait: due.length > 0 ? 0.05 : Math.max(wait, 0.05) }
}

function tell(error: IsofoldError): void {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  for (const { code, message, path } of error.problems) complain(`${now} ${code}: ${message}${path && ` (${path})`}`)
}

/** Ends a connection, which may be gone already. */
async function closed(opened: Opened | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, MAX_CLOSING * 1000)
  })
  await Promise.race([opened?.close().catch(() => undefined), late])
  clearTimeout(timer)
}
