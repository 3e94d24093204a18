/** The panels of names and values: cost analysis, tokens and searches, and the chats that are running. */
import type { LiveSessions } from '@/lib/contract'
import { decimal, duration, number, usd } from '@/lib/client/format'
import type { TelemetryView } from '@/lib/client/view'
import { Badge } from './badge'
import { Facts, Surface } from './surface'
import styles from './panels.module.css'

/** What the range cost, and what it would cost at this rate. */
export function Cost({ view: { cost } }: { readonly view: TelemetryView }) {
  return (
    <Surface title="Cost analysis" aside="projected at the range's mean rate">
      <Facts
        facts={[
          ['Total', usd(cost.total)],
          ['Per request', usd(cost.perRequest)],
          ['Dearest request', usd(cost.dearestRequest)],
          ['Per hour', usd(cost.perHour)],
          ['Projected per day', usd(cost.projectedDaily)],
          ['Projected per 30 days', <strong key="month">{usd(cost.projectedMonthly)}</strong>],
        ]}
      />
    </Surface>
  )
}

/** What was done for the requests. */
export function Work({ view: { totals } }: { readonly view: TelemetryView }) {
  return (
    <Surface title="Tokens and searches">
      <Facts
        facts={[
          ['Input tokens', number(totals.inputTokens)],
          ['Output tokens', number(totals.outputTokens)],
          ['Tokens per request', number(totals.tokensPerRequest)],
          ['Searches', number(totals.searches)],
          ['Searches per request', decimal(totals.avgSearches)],
          ['Iterations per request', decimal(totals.avgIterations)],
          ['Slowest response', duration(totals.maxDurationMs)],
        ]}
      />
    </Surface>
  )
}

/** The chats that are running, the oldest ones by name. */
export function Sessions({ sessions }: { readonly sessions: LiveSessions | null }) {
  const rest = sessions === null ? 0 : sessions.activeSessions - sessions.sessionsData.length
  return (
    <Surface title="Live sessions" aside={sessions !== null && <Badge tone={sessions.activeSessions > 0 ? 'good' : 'quiet'}>{number(sessions.activeSessions)} active</Badge>}>
      {sessions === null || sessions.sessionsData.length === 0 ? (
        <p className={styles.none}>{sessions === null ? 'Waiting for the live stream.' : 'No chat is running.'}</p>
      ) : (
        <ul className={styles.sessions}>
          {sessions.sessionsData.map(({ id, model, uptime, cost }) => (
            <li key={id}>
              <span className={styles.id} title={id}>
                {id}
              </span>
              <span className={styles.model}>{model}</span>
              <span className={styles.cost}>
                {usd(Number(cost))}
                <small>{uptimeOf(uptime)}</small>
              </span>
            </li>
          ))}
        </ul>
      )}
      {rest > 0 && <p className={styles.none}>and {number(rest)} more</p>}
    </Surface>
  )
}

function uptimeOf(seconds: number): string {
  return seconds < 60 ? `${Math.round(seconds)} s` : duration(seconds * 1000)
}
