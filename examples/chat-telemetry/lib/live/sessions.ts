/**
 * Chats that are running, in the memory of this process.
 *
 * The one idea: a session is alive while it was heard of lately; whoever stops without saying so is forgotten after
 * `SILENT_MS`, and nobody else with them.
 */
import { now } from '../clock'
import type { LiveSessions } from '../contract'
import { costOf } from '../prices'

/** How long a session may be silent. */
export const SILENT_MS = 30 * 60_000
const SHOWN = 5
/** More than a process serves at once; beyond it the one that was silent for longest is forgotten. */
const MOST_SESSIONS = 10_000
const PLACE = Symbol.for('isofold.chat-telemetry.sessions')

/** What is told of a running chat. */
export interface SessionProgress {
  readonly sessionId: string
  readonly domain: string
  readonly model: string
  readonly iterations: number
  readonly searches: number
  readonly inputTokens: number
  readonly outputTokens: number
}

interface Running extends SessionProgress {
  readonly organization: string
  readonly startedAt: number
  readonly heardAt: number
}

export class Sessions {
  readonly #running = new Map<string, Running>()
  readonly #listeners = new Set<(organization: string) => void>()

  /** A chat of an organisation begins or goes on. */
  hear(organization: string, progress: SessionProgress): void {
    const time = now().getTime()
    const key = keyOf(organization, progress.sessionId)
    const startedAt = this.#running.get(key)?.startedAt ?? time
    // deleted first, so that the map is in the order of silence
    this.#running.delete(key)
    this.#running.set(key, { ...progress, organization, startedAt, heardAt: time })
    const [silent] = this.#running.keys()
    if (this.#running.size > MOST_SESSIONS && silent !== undefined) this.#running.delete(silent)
    this.#tell(organization)
  }

  /** A chat ended; nothing happens when it was never heard of. */
  end(organization: string, sessionId: string): void {
    if (this.#running.delete(keyOf(organization, sessionId))) this.#tell(organization)
  }

  /** The running chats of an organisation, those of one domain alone when it is given. */
  live(organization: string, domain?: string): LiveSessions {
    this.#forgetSilent()
    const mine = [...this.#running.values()]
      .filter((each) => each.organization === organization && (domain === undefined || each.domain === domain))
      .sort((a, b) => a.startedAt - b.startedAt)
    const time = now().getTime()
    return {
      activeSessions: mine.length,
      currentCost: mine.reduce((sum, each) => sum + Number(cost(each)), 0).toFixed(6),
      sessionsData: mine.slice(0, SHOWN).map((each) => ({
        id: each.sessionId,
        uptime: Math.floor((time - each.startedAt) / 1000),
        cost: cost(each),
        model: each.model,
      })),
    }
  }

  /** Calls `listener` with every organisation whose chats changed, until the function that it returns is called. */
  subscribe(listener: (organization: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #forgetSilent(): void {
    const limit = now().getTime() - SILENT_MS
    for (const [key, { heardAt }] of this.#running) if (heardAt < limit) this.#running.delete(key)
  }

  #tell(organization: string): void {
    for (const listener of this.#listeners) listener(organization)
  }
}

/** The sessions of the server. */
export function sessions(): Sessions {
  const place = globalThis as { [PLACE]?: Sessions }
  return (place[PLACE] ??= new Sessions())
}

function keyOf(organization: string, sessionId: string): string {
  return `${organization}/${sessionId}`
}

function cost({ model, inputTokens, outputTokens }: SessionProgress): string {
  return costOf(model, inputTokens, outputTokens)
}
