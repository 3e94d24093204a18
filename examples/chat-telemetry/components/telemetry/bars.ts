/**
 * Where the bars of the trend stand and how strong their colours are.
 *
 * The one idea: bars of one colour are one path, so that two thousand hours cost the page no more than ten shapes.
 */
import { scaleLinear, scaleUtc } from '@visx/scale'
import type { TrendPoint } from '@/lib/client/trend'

/** How many colours tell cost apart. */
export const STEPS = 5

/** Bars of one colour. */
export interface BarPath {
  /** 1 to {@link STEPS}. */
  readonly step: number
  readonly partial: boolean
  readonly path: string
}

/** The geometry of a chart. */
export interface Bars {
  readonly x: ReturnType<typeof timeScale>
  readonly y: ReturnType<typeof requestScale>
  readonly paths: readonly BarPath[]
}

/** The bars of some points in a box, in pixels. */
export function barsOf(points: readonly TrendPoint[], width: number, height: number): Bars {
  const x = timeScale(points, width)
  const y = requestScale(points, height)
  const dearest = dearestOf(points)
  const paths = new Map<string, { step: number; partial: boolean; parts: string[] }>()
  for (const point of points) {
    if (point.requests === 0) continue
    const step = stepOf(point.costUsd, dearest)
    const key = `${step} ${point.partial}`
    const path = paths.get(key) ?? { step, partial: point.partial, parts: [] }
    path.parts.push(barOf(x(point.start), x(point.end), Math.min(y(point.requests), height - 1), height))
    paths.set(key, path)
  }
  return { x, y, paths: [...paths.values()].map(({ step, partial, parts }) => ({ step, partial, path: parts.join('') })) }
}

/** The cost of the dearest bar. */
export function dearestOf(points: readonly TrendPoint[]): number {
  return points.reduce((most, { costUsd }) => Math.max(most, costUsd), 0)
}

/** How strong the colour of a cost is, 1 to {@link STEPS}, beside the dearest bar. */
export function stepOf(cost: number, dearest: number): number {
  return dearest === 0 ? 1 : Math.max(1, Math.ceil((cost / dearest) * STEPS))
}

function timeScale(points: readonly TrendPoint[], width: number) {
  const [first, last] = [points[0], points.at(-1)]
  return scaleUtc<number>({ domain: [first?.start ?? 0, last?.end ?? 1], range: [0, width] })
}

function requestScale(points: readonly TrendPoint[], height: number) {
  const most = points.reduce((highest, { requests }) => Math.max(highest, requests), 1)
  return scaleLinear<number>({ domain: [0, most], range: [height, 0], nice: 4 })
}

function barOf(left: number, right: number, top: number, bottom: number): string {
  const gap = Math.min(6, (right - left) * 0.25)
  const width = right - left - gap
  const radius = Math.min(3, width / 4, bottom - top)
  const l = (left + gap / 2).toFixed(2)
  const flat = (width - 2 * radius).toFixed(2)
  const side = (bottom - top - radius).toFixed(2)
  const r = radius.toFixed(2)
  return `M${l},${bottom}v-${side}q0,-${r} ${r},-${r}h${flat}q${r},0 ${r},${r}v${side}z`
}
