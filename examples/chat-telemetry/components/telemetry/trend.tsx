/** The trend: its bars, what their colours mean, and the same numbers as a table. */
import { useState } from 'react'
import { number, pointName, usd } from '@/lib/client/format'
import type { Grain } from '@/lib/client/trend'
import type { Choice, TelemetryView } from '@/lib/client/view'
import { dearestOf, STEPS } from './bars'
import { Surface } from './surface'
import { TrendChart } from './trend-chart'
import styles from './trend.module.css'

interface TrendProps {
  readonly view: TelemetryView
  readonly choose: (change: Partial<Choice>) => void
}

export function Trend({ view: { trend, grain, choice }, choose }: TrendProps) {
  const title = grain === 'hour' ? 'Hourly trend' : 'Daily trend'
  const hasGrains = choice.range !== '24h'
  return (
    <Surface
      title={title}
      aside={
        <>
          <Legend grain={grain} dearest={dearestOf(trend)} />
          {hasGrains && <Grains grain={grain} choose={choose} />}
        </>
      }
    >
      <TrendChart points={trend} grain={grain} />
      <TrendTable view={{ trend, grain }} />
    </Surface>
  )
}

function Legend({ grain, dearest }: { readonly grain: Grain; readonly dearest: number }) {
  return (
    <span className={styles.legend}>
      Cost per {grain}: $0
      <span className={styles.ramp} aria-hidden="true">
        {Array.from({ length: STEPS }, (_, at) => (
          <i key={at} style={{ background: `var(--heat-${at + 1})` }} />
        ))}
      </span>
      {usd(dearest)}
    </span>
  )
}

function Grains({ grain, choose }: { readonly grain: Grain; readonly choose: TrendProps['choose'] }) {
  return (
    <span className={styles.grains} role="group" aria-label="Width of the bars">
      {(['hour', 'day'] as const).map((each) => (
        <button key={each} type="button" aria-pressed={grain === each} onClick={() => choose({ grain: each })}>
          {each === 'hour' ? 'Hours' : 'Days'}
        </button>
      ))}
    </span>
  )
}

/** The table is built when it is opened: a long range has two thousand rows. */
function TrendTable({ view: { trend, grain } }: { readonly view: Pick<TelemetryView, 'trend' | 'grain'> }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details className={styles.numbers} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Numbers as a table</summary>
      {isOpen && (
        <div className={styles.scroll} role="region" aria-label="Numbers of the trend" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{grain === 'hour' ? 'Hour' : 'Day'} (UTC)</th>
                <th scope="col">Requests</th>
                <th scope="col">Cost</th>
              </tr>
            </thead>
            <tbody>
              {trend.toReversed().map((point) => (
                <tr key={point.start.getTime()}>
                  <th scope="row">
                    {pointName(point, grain)}
                    {point.partial && <em> in part</em>}
                  </th>
                  <td>{number(point.requests)}</td>
                  <td>{usd(point.costUsd)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  )
}
