/**
 * The dashboard: one rollup, one choice, and what follows from them.
 *
 * Not here: loading and live updates (`lib/client/store.ts`), what the numbers are (`lib/client/view.ts`).
 */
'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useMemo, useState } from 'react'
import { clock, date } from '@/lib/client/format'
import { type TelemetryView, Views } from '@/lib/client/view'
import { TopBar } from '../top-bar'
import { Failed, Loading, NoRequestsYet, NothingChosen } from './blank'
import { Cards } from './cards'
import { Controls } from './controls'
import styles from './dashboard.module.css'
import { Notices } from './notice'
import { Cost, Sessions, Work } from './panels'
import { Shares } from './shares'
import { Digest, Freshness } from './status'
import { Trend } from './trend'
import { type ChoiceInAddress, useChoice } from './use-choice'
import { useTelemetry } from './use-telemetry'

interface DashboardProps {
  readonly organization: string
  /** The query of the address as the server saw it. */
  readonly query: string
}

export function Dashboard({ organization, query }: DashboardProps) {
  const router = useRouter()
  const { store, snapshot } = useTelemetry()
  const chosen = useChoice(query)
  const { levels, version, status, failure } = snapshot
  const isSignedOut = failure?.code === 'signed_out'
  useEffect(() => {
    if (isSignedOut) router.replace('/sign-in')
  }, [isSignedOut, router])

  const [views] = useState(() => new Views())
  const { choice } = chosen
  const view = useMemo(
    // The levels are one object that changes; their version says that it did.
    () => (levels === null || version < 0 ? null : timed(() => views.of(levels, choice))),
    [views, levels, version, choice],
  )
  const reload = (): void => void store.reload()
  return (
    <>
      <TopBar organization={organization} />
      <main className={styles.page}>
        <div className={styles.head}>
          <div>
            <h1>Telemetry</h1>
            <p className={styles.period} aria-live="polite">{view === null ? 'Loading' : periodOf(view)}</p>
          </div>
          {levels !== null && <Freshness snapshot={snapshot} now={store.now()} />}
        </div>
        <Controls
          choice={choice}
          choose={chosen.choose}
          domains={view?.domains.map(({ name }) => name) ?? []}
          isLoading={status === 'loading'}
          reload={reload}
        />
        {view !== null && <Notices snapshot={snapshot} reload={reload} problem={chosen.problem} />}
        {view === null && status === 'failed' && <Failed message={failure?.message ?? ''} retry={reload} />}
        {view === null && status !== 'failed' && <Loading />}
        {view !== null && <Numbers view={view} chosen={chosen} snapshot={snapshot} />}
        {view !== null && snapshot.digest !== null && <Digest digest={snapshot.digest} agreement={snapshot.agreement} />}
      </main>
    </>
  )
}

interface NumbersProps {
  readonly view: TelemetryView
  readonly chosen: ChoiceInAddress
  readonly snapshot: ReturnType<typeof useTelemetry>['snapshot']
}

function Numbers({ view, chosen: { choice, choose }, snapshot: { levels, sessions } }: NumbersProps) {
  if (levels?.hours.size === 0) {
    return (
      <>
        <NoRequestsYet />
        <Sessions sessions={sessions} />
      </>
    )
  }
  const isEmpty = view.totals.requests === 0
  return (
    <>
      <Cards view={view} sessions={sessions} />
      {isEmpty ? <NothingChosen choice={choice} choose={choose} /> : <Trend view={view} choose={choose} />}
      <div className={styles.columns}>
        {!isEmpty && <Shares title="Model usage" of="Model" shares={view.models} />}
        <Shares title="Domains" of="Domain" shares={view.domains} chosen={choice.domain} choose={(domain) => choose({ domain })} />
      </div>
      <div className={styles.columns}>
        {!isEmpty && <Cost view={view} />}
        {!isEmpty && <Work view={view} />}
        <Sessions sessions={sessions} />
      </div>
    </>
  )
}

function periodOf({ period: { start, end }, choice: { domain } }: TelemetryView): string {
  const range = `${date(start)}, ${clock(start)} – ${date(end)}, ${clock(end)} UTC`
  return domain === null ? range : `${domain} · ${range}`
}

/** What the browser's measurements call the making of a view. */
const MEASURE = 'telemetry-view'
/** A page that is open for days measures without end. */
const MOST_MEASURES = 200

/** Leaves how long it took among the browser's measurements. */
function timed<T>(work: () => T): T {
  const start = performance.now()
  const result = work()
  if (performance.getEntriesByName(MEASURE).length >= MOST_MEASURES) performance.clearMeasures(MEASURE)
  performance.measure(MEASURE, { start, end: performance.now() })
  return result
}
