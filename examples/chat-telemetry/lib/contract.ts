/**
 * What the API and the page say to each other.
 *
 * The one idea: the page receives a rollup, not numbers; whoever has the bytes can answer every question about them,
 * and a digest tells whether two sides hold the same. The JSON of the dashboard keeps the names that it always had.
 */

/** The type of the page's rollup for who asks for it: a gzip file of its bytes. */
export const PACKED = 'application/gzip'

/** Headers of `GET /api/dashboard/telemetry/rollup`. */
export const HEADERS = {
  /** SHA-256 of the encoded rollup, hexadecimal. */
  digest: 'x-isofold-digest',
  /** Where a live stream goes on from; the `Last-Event-ID` of the first connection. */
  cursor: 'x-telemetry-cursor',
  /** Up to where hours are stored; later rows came from the table of rows. Absent before the first refresh. */
  watermark: 'x-telemetry-watermark',
  /** The time of the server, ISO 8601. */
  now: 'x-telemetry-now',
  /** What the server folds with: `native`, the addon, or `wasm` where it cannot be loaded. */
  backend: 'x-isofold-backend',
} as const

/** The addresses of the API. */
export const ROUTES = {
  dashboard: '/api/dashboard/telemetry',
  rollup: '/api/dashboard/telemetry/rollup',
  summaries: '/api/dashboard/telemetry/summaries',
  /** Server-sent events; `?cursor=` stands in for `Last-Event-ID` on the first connection. */
  live: '/api/dashboard/telemetry/live',
  monitoring: '/api/monitoring/chat',
  record: '/api/telemetry/chat',
  sessions: '/api/telemetry/sessions',
  session: '/api/session',
} as const

/** The body of every answer that is no success. */
export interface ErrorBody {
  readonly error: {
    /** `area.problem`, stable. */
    readonly code: string
    readonly message: string
    /** What the problem is about: a parameter, a field; empty for none. */
    readonly path: string
  }
}

/** `event: delta`: rows that are new since the event before. */
export interface DeltaEvent {
  /** An encoded rollup of these rows, base64; merge it. */
  readonly bytes: string
  /** The digest of all after it. */
  readonly digest: string
}

/** `event: replace`: rows of a range were changed, deleted, or came late. */
export interface ReplaceEvent extends DeltaEvent {
  /** ISO 8601, the start of an hour. */
  readonly start: string
  /** ISO 8601, exclusive, the end of an hour. */
  readonly end: string
}

/** `event: reset`: load the rollup anew. */
export interface ResetEvent {
  /** An unknown cursor, a new day of UTC, or more changes than are worth telling. */
  readonly reason: 'cursor' | 'day' | 'behind'
}

/** `event: sessions`: chats that are running. */
export interface LiveSessions {
  readonly activeSessions: number
  /** USD so far, 6 decimals. */
  readonly currentCost: string
  /** At most 5, the oldest first. */
  readonly sessionsData: readonly {
    readonly id: string
    /** Seconds. */
    readonly uptime: number
    readonly cost: string
    readonly model: string
  }[]
}

/** Where the second half of a series goes, compared with the first. */
export type Trend = 'increasing' | 'decreasing' | 'stable'

/** The body of `GET /api/dashboard/telemetry`. Costs are texts of USD with a fixed number of decimals. */
export interface DashboardTelemetry {
  readonly overview: {
    readonly totalRequests: number
    readonly successfulRequests: number
    readonly failedRequests: number
    /** Whole percent; 100 when there are no requests. */
    readonly successRate: number
    /** Whole percent. */
    readonly errorRate: number
    readonly activeSessions: number
    readonly timeRange: string
  }
  readonly cost: {
    readonly total: string
    readonly average: string
    readonly projectedDaily: string
    readonly projectedMonthly: string
    readonly perHour: string
    readonly trend: Trend
  }
  readonly tokens: {
    readonly totalInput: number
    readonly totalOutput: number
    readonly total: number
    readonly avgPerRequest: number
  }
  readonly performance: {
    /** Whole ms, over the requests that have a duration. */
    readonly avgResponseTime: number
    readonly totalSearches: number
    readonly avgSearchesPerRequest: string
    readonly avgIterations: string
  }
  readonly modelUsage: readonly {
    readonly model: string
    readonly count: number
    readonly cost: number
    readonly tokens: number
    /** Whole percent of all requests. */
    readonly percentage: number
  }[]
  readonly domainBreakdown: readonly { readonly domain: string; readonly requests: number; readonly cost: number }[]
  /** Hours up to 48 of them, days beyond; `hour` is the start, ISO 8601. */
  readonly hourlyTrend: readonly { readonly hour: string; readonly cost: string; readonly requests: number }[]
  readonly live: LiveSessions
  readonly health: {
    /** Minutes since the rollups were refreshed, 2 decimals; null before the first time. */
    readonly rollupFreshnessMinutes: number | null
    readonly rollupSource: 'rollup' | 'raw'
    readonly stale: boolean
  }
  /** The digest of the rollup that was read, as in {@link HEADERS}; null where several rollups answered. */
  readonly digest: string | null
}

/** An organisation: who owns domains. */
export interface Organization {
  readonly id: string
  readonly name: string
}

/** The body of `GET /api/session` for whoever is signed in. */
export interface SessionBody {
  readonly organization: Organization
}

/** What `GET /api/session` says with 401; the organisations are named where the demo lets anybody in. */
export interface SignedOutBody extends ErrorBody {
  readonly organizations: readonly Organization[]
}

/** The body of `POST /api/session`; the demo takes an organisation without its key. */
export interface SignIn {
  readonly organization: string
  readonly key?: string
}
