/**
 * Requests over time as bars, and cost as the strength of their colour.
 *
 * The one idea: the chart is a slider over its bars, so that keys walk through it and a screen reader says each bar;
 * the same numbers stand below as a table.
 */
import { AxisBottom, AxisLeft, type TickRendererProps } from '@visx/axis'
import { GridRows } from '@visx/grid'
import { ParentSize } from '@visx/responsive'
import { type KeyboardEvent, type PointerEvent, useMemo, useState } from 'react'
import { clock, date, number, pointName, short, usd } from '@/lib/client/format'
import type { Grain, TrendPoint } from '@/lib/client/trend'
import { barsOf } from './bars'
import styles from './trend.module.css'

const HEIGHT = 232
const MARGIN = { top: 10, right: 2, bottom: 26, left: 42 }
const LABEL = { fontFamily: 'inherit', fontSize: 12, fill: 'var(--quiet)' } as const

interface TrendChartProps {
  readonly points: readonly TrendPoint[]
  readonly grain: Grain
}

export function TrendChart(props: TrendChartProps) {
  return (
    <div className={styles.frame}>
      <ParentSize debounceTime={50}>{({ width }) => width > 0 && <Chart {...props} width={width} />}</ParentSize>
    </div>
  )
}

function Chart({ points, grain, width }: TrendChartProps & { readonly width: number }) {
  const [inner, height] = [Math.max(40, width - MARGIN.left - MARGIN.right), HEIGHT - MARGIN.top - MARGIN.bottom]
  const { x, y, paths } = useMemo(() => barsOf(points, inner, height), [points, inner, height])
  const [at, setAt] = useState<number | null>(null)
  const point = at === null ? undefined : points[at]
  const last = points.length - 1

  const follow = ({ clientX, currentTarget }: PointerEvent): void => {
    const time = x.invert(clientX - currentTarget.getBoundingClientRect().left)
    setAt(Math.max(0, points.findLastIndex(({ start }) => start <= time)))
  }
  const walk = (event: KeyboardEvent): void => {
    const to = stepped(event.key, at ?? last, last)
    if (to === undefined) return
    event.preventDefault()
    setAt(to)
  }
  return (
    <>
      <svg width={width} height={HEIGHT} aria-hidden="true" focusable="false">
        <g transform={`translate(${MARGIN.left},${MARGIN.top})`}>
          <GridRows scale={y} width={inner} numTicks={4} stroke="var(--line)" />
          {paths.map(({ step, partial, path }) => (
            <path key={`${step} ${partial}`} d={path} fill={`var(--heat-${step})`} className={partial ? styles.partial : undefined} />
          ))}
          {point !== undefined && <rect className={styles.cursor} x={x(point.start)} width={x(point.end) - x(point.start)} height={height} />}
          <AxisLeft scale={y} numTicks={4} hideAxisLine hideTicks tickComponent={TickName} tickFormat={(value) => short(Number(value))} tickLabelProps={{ ...LABEL, dx: -2, dy: 4 }} />
          <AxisBottom
            scale={x}
            top={height}
            numTicks={Math.max(2, Math.floor(inner / 90))}
            stroke="var(--line)"
            hideTicks
            tickComponent={TickName}
            tickFormat={(value) => tickName(new Date(Number(value)))}
            tickLabelProps={{ ...LABEL, dy: 2 }}
          />
        </g>
      </svg>
      <div
        role="slider"
        tabIndex={0}
        aria-label={`Requests and cost per ${grain}; the arrow keys go from bar to bar`}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at ?? last}
        aria-valuetext={spoken(point ?? points[last], grain)}
        className={styles.pointer}
        style={{ left: MARGIN.left, width: inner, top: MARGIN.top, height }}
        onPointerMove={follow}
        onPointerDown={follow}
        onPointerLeave={({ pointerType }) => pointerType === 'mouse' && setAt(null)}
        onFocus={({ currentTarget }) => currentTarget.matches(':focus-visible') && setAt(last)}
        onBlur={() => setAt(null)}
        onKeyDown={walk}
      />
      {point !== undefined && <Tip point={point} grain={grain} share={(x(point.start) + MARGIN.left) / width} />}
    </>
  )
}

/** A plain text: visx would measure every word, and make the browser lay the page out for each. */
function TickName({ x, y, dx, dy, fill, fontFamily, fontSize, textAnchor, formattedValue }: TickRendererProps) {
  return (
    <text x={x} y={y} dx={dx} dy={dy} fill={fill} fontFamily={fontFamily} fontSize={fontSize} textAnchor={textAnchor}>
      {formattedValue}
    </text>
  )
}

function Tip({ point, grain, share }: { readonly point: TrendPoint; readonly grain: Grain; readonly share: number }) {
  const side = share > 0.5 ? { right: `${(1 - share) * 100}%` } : { left: `${share * 100}%` }
  return (
    <div className={styles.tip} style={side} aria-hidden="true">
      <strong>{pointName(point, grain)}</strong>
      <span>{number(point.requests)} requests</span>
      <span>{usd(point.costUsd)}</span>
    </div>
  )
}

function spoken(point: TrendPoint | undefined, grain: Grain): string {
  if (point === undefined) return 'nothing'
  return `${pointName(point, grain)}: ${number(point.requests)} requests, ${usd(point.costUsd)}`
}

function stepped(key: string, at: number, last: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, PageDown: at - 24, PageUp: at + 24, Home: 0, End: last,
  }
  const to = steps[key]
  return to === undefined ? undefined : Math.min(last, Math.max(0, to))
}

function tickName(time: Date): string {
  return time.getTime() % 86_400_000 === 0 ? date(time) : clock(time)
}
