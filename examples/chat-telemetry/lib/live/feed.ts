/**
 * The ledgers of this process, kept up to date by what the database tells of.
 *
 * The one idea: a notification only says "look"; what changed is read from the database, so that a lost one costs a
 * few seconds and nothing else.
 */
import type { OwnerDatabase } from '../database/database'
import { database } from '../database/open'
import { Ledger } from './ledger'

/** Notifications that come close together are one look. */
const GATHER_MS = 150
/** How often to look without a notification. */
const LOOK_MS = 5_000
/** Organisations whose pages are loaded before anybody asks. */
const MOST_WARM = 16
/** How long a ledger is kept that nobody asks for. */
const IDLE_MS = 10 * 60_000
const PLACE = Symbol.for('isofold.chat-telemetry.feed')

interface Entry {
  readonly ledger: Ledger
  asked: number
}

export class Feed {
  readonly #database: OwnerDatabase
  readonly #entries = new Map<string, Entry>()
  readonly #interval: NodeJS.Timeout
  #gathering: NodeJS.Timeout | undefined
  #stopListening: (() => Promise<void>) | undefined
  #isClosed = false

  constructor(database: OwnerDatabase) {
    this.#database = database
    this.#interval = setInterval(() => this.#look(), LOOK_MS)
    this.#interval.unref()
    void this.#listen()
  }

  /** The ledger of an organisation. */
  ledger(organization: string): Ledger {
    let entry = this.#entries.get(organization)
    if (entry === undefined) {
      entry = { ledger: new Ledger(this.#database.as(organization)), asked: 0 }
      this.#entries.set(organization, entry)
    }
    entry.asked = Date.now()
    return entry.ledger
  }

  /** Loads the ledgers of the first organisations, one after the other, so that their first page need not wait. */
  async warm(): Promise<void> {
    const known = await this.#database.query<{ id: string }>('SELECT id FROM organizations ORDER BY id LIMIT $1', [MOST_WARM])
    for (const { id } of known) {
      if (this.#isClosed) return
      await this.ledger(id).current()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#interval)
    clearTimeout(this.#gathering)
    await this.#stopListening?.()
  }

  async #listen(): Promise<void> {
    const again = (): void => {
      if (!this.#isClosed) setTimeout(() => void this.#listen(), LOOK_MS).unref()
    }
    try {
      const stop = await this.#database.listen('chat_telemetry', () => this.#gather(), again)
      if (this.#isClosed) await stop()
      else this.#stopListening = stop
    } catch {
      again()
    }
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      this.#look()
    }, GATHER_MS)
  }

  #look(): void {
    for (const [organization, { ledger, asked }] of this.#entries) {
      if (ledger.isWatched) void ledger.update().catch(() => undefined)
      else if (Date.now() - asked > IDLE_MS) this.#entries.delete(organization)
    }
  }
}

/** The feed of the server, made by the first who asks. */
export async function feed(): Promise<Feed> {
  const opened = await database()
  const place = globalThis as { [PLACE]?: { readonly of: OwnerDatabase; readonly feed: Feed } }
  if (place[PLACE]?.of !== opened) {
    await place[PLACE]?.feed.close()
    place[PLACE] = { of: opened, feed: new Feed(opened) }
  }
  return place[PLACE].feed
}
