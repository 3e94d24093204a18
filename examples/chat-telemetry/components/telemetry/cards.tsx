/** The four numbers on top, each beside the period before. */
import type { ReactNode } from 'react'
import type { LiveSessions, Trend } from '@/lib/contract'
import { change, duration, number, percent, usd } from '@/lib/client/format'
import type { TelemetryView } from '@/lib/client/view'
import type { IconName } from '../icon'
import { Badge } from './badge'
import styles from './cards.module.css'

const DIRECTIONS: Record<Trend, { readonly icon: IconName; readonly words: string }> = {
  increasing: { icon: 'up', words: 'Increasing' },
  decreasing: { icon: 'down', words: 'Decreasing' },
  stable: { icon: 'flat', words: 'Stable' },
}

interface CardsProps {
  readonly view: TelemetryView
  readonly sessions: LiveSessions | null
}

export function Cards({ view: { totals, previous, cost }, sessions }: CardsProps) {
  const direction = DIRECTIONS[cost.direction]
  return (
    <div className={styles.cards}>
      <Card title="Total requests" value={number(totals.requests)} change={change(previous?.requests, totals.requests)}>
        {percent(totals.successRate)} successful, {number(totals.failures)} failed
      </Card>
      <Card title="Active sessions" value={number(sessions?.activeSessions ?? null)} change={null}>
        {sessions === null ? 'Waiting for the live stream' : `${usd(Number(sessions.currentCost))} spent so far`}
      </Card>
      <Card title="Mean response" value={duration(totals.avgDurationMs)} change={change(previous?.avgDurationMs, totals.avgDurationMs)}>
        p50 {duration(totals.p50DurationMs)}, p95 {duration(totals.p95DurationMs)}
      </Card>
      <Card title="Cost" value={usd(totals.costUsd)} change={change(previous?.costUsd, totals.costUsd)}>
        <Badge tone="quiet" icon={direction.icon} title="The last six whole points of the trend, second half against first">
          {direction.words}
        </Badge>
      </Card>
    </div>
  )
}

interface CardProps {
  readonly title: string
  readonly value: string
  readonly change: string | null
  readonly children: ReactNode
}

function Card({ title, value, change: difference, children }: CardProps) {
  return (
    <section className={styles.card} aria-label={title}>
      <h2>{title}</h2>
      <p className={styles.value}>
        <span data-testid="value">{value}</span>
        {difference !== null && (
          <span className={styles.change}>
            {difference} <span className="visually-hidden">against the period before</span>
          </span>
        )}
      </p>
      <div className={styles.below}>{children}</div>
    </section>
  )
}
