/**
 * What people write by hand: a loop over typed arrays with a dense index, a loop over objects with a Map of text keys,
 * each exact in the *full* query by keeping every value; and the typed loop with DDSketch instead.
 */
import { createRequire } from 'node:module'
import { DDSketch } from '@datadog/sketches-js'
import { HOUR_MS } from './rows.mjs'

const PLACES = { p50: 0.5, p95: 0.95, p99: 0.99 }

export class Contestant {
  static async open(rows, variant) {
    const { version } = createRequire(import.meta.url)('@datadog/sketches-js/package.json')
    const input = variant === 'objects' ? rows.objects() : rows.typed()
    const run = { objects: overObjects, typed: overTyped, sketches: withSketches }[variant]
    return Object.assign(new Contestant(), {
      version: variant === 'sketches' ? version : `V8 ${process.versions.v8}`,
      run: (query) => run(input, rows.told, query),
    })
  }

  answer(columns) {
    return columns
  }
}

/** Groups have fixed places: hour × models + model. */
function overTyped(input, told, query) {
  return query === 'simple' ? simpleTyped(input, told) : fullTyped(input, told, keepingAll)
}

function withSketches(input, told, query) {
  return query === 'simple' ? simpleTyped(input, told) : fullTyped(input, told, keepingSketches)
}

function simpleTyped({ ts, model, cost_usd }, { models, days, start_ms }) {
  const groups = days * 24 * models.length
  const count = new Float64Array(groups)
  const sum = new Float64Array(groups)
  const min = new Float64Array(groups).fill(Infinity)
  const max = new Float64Array(groups).fill(-Infinity)
  const width = models.length
  const first = start_ms / HOUR_MS
  for (let i = 0; i < ts.length; i++) {
    const group = (Math.floor(ts[i] / HOUR_MS) - first) * width + model[i]
    const cost = cost_usd[i]
    count[group]++
    sum[group] += cost
    if (cost < min[group]) min[group] = cost
    if (cost > max[group]) max[group] = cost
  }
  return present({ count, sum, min, max }, { models, start_ms })
}

function fullTyped({ ts, model, user_id, duration_ms, cost_usd, status_code }, { models, days, start_ms }, distributions) {
  const groups = days * 24 * models.length
  const count = new Float64Array(groups)
  const sum = new Float64Array(groups)
  const mean = new Float64Array(groups)
  const squares = new Float64Array(groups)
  const min = new Float64Array(groups).fill(Infinity)
  const max = new Float64Array(groups).fill(-Infinity)
  const errors = new Float64Array(groups)
  const users = Array.from({ length: groups }, () => new Set())
  const { add, read } = distributions(groups)
  const width = models.length
  const first = start_ms / HOUR_MS
  for (let i = 0; i < ts.length; i++) {
    const group = (Math.floor(ts[i] / HOUR_MS) - first) * width + model[i]
    const duration = duration_ms[i]
    const seen = ++count[group]
    sum[group] += cost_usd[i]
    // Welford's update: the difference of squares would cancel
    const from = duration - mean[group]
    mean[group] += from / seen
    squares[group] += from * (duration - mean[group])
    if (duration < min[group]) min[group] = duration
    if (duration > max[group]) max[group] = duration
    if (status_code[i] >= 400) errors[group]++
    users[group].add(user_id[i])
    add(group, duration)
  }
  const stddev = squares.map((square, group) => Math.sqrt(square / (count[group] - 1)))
  const columns = { count, sum, avg: mean, min, max, stddev, users: users.map((set) => set.size), errors, ...read() }
  return present(columns, { models, start_ms })
}

function keepingAll(groups) {
  const values = Array.from({ length: groups }, () => [])
  const read = () => {
    const sorted = values.map((list) => Float64Array.from(list).sort())
    return Object.fromEntries(Object.entries(PLACES).map(([name, p]) => [name, sorted.map((list) => interpolated(list, p))]))
  }
  return { add: (group, value) => values[group].push(value), read }
}

function keepingSketches(groups) {
  const sketches = Array.from({ length: groups }, () => new DDSketch({ relativeAccuracy: 0.01 }))
  const at = (p) => sketches.map((sketch) => sketch.getValueAtQuantile(p))
  const read = () => Object.fromEntries(Object.entries(PLACES).map(([name, p]) => [name, at(p)]))
  return { add: (group, value) => sketches[group].accept(value), read }
}

function interpolated(sorted, p) {
  const place = p * (sorted.length - 1)
  const below = Math.floor(place)
  return sorted.length === 0 ? NaN : sorted[below] + (place - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below])
}

/** The columns of the groups that have rows. */
function present(columns, { models, start_ms }) {
  const groups = []
  columns.count.forEach((count, group) => count > 0 && groups.push(group))
  const picked = Object.entries(columns).map(([name, values]) => [name, groups.map((group) => values[group])])
  return {
    hour_ms: groups.map((group) => start_ms + Math.floor(group / models.length) * HOUR_MS),
    model: groups.map((group) => models[group % models.length]),
    ...Object.fromEntries(picked),
  }
}

function overObjects(rows, _, query) {
  const groups = new Map()
  if (query === 'simple') {
    for (const row of rows) {
      const hour = Math.floor(row.ts / HOUR_MS)
      const key = `${hour}|${row.model}`
      let group = groups.get(key)
      if (group === undefined) {
        group = { hour_ms: hour * HOUR_MS, model: row.model, count: 0, sum: 0, min: Infinity, max: -Infinity }
        groups.set(key, group)
      }
      const cost = row.cost_usd
      group.count++
      group.sum += cost
      if (cost < group.min) group.min = cost
      if (cost > group.max) group.max = cost
    }
    return columnsOf([...groups.values()])
  }
  for (const row of rows) {
    const hour = Math.floor(row.ts / HOUR_MS)
    const key = `${hour}|${row.model}`
    let group = groups.get(key)
    if (group === undefined) {
      group = { hour_ms: hour * HOUR_MS, model: row.model, sum: 0, durations: [], users: new Set(), errors: 0 }
      groups.set(key, group)
    }
    group.sum += row.cost_usd
    group.durations.push(row.duration_ms)
    group.users.add(row.user_id)
    if (row.status_code >= 400) group.errors++
  }
  return columnsOf([...groups.values()].map(finished))
}

function finished({ durations, users, ...group }) {
  const sorted = Float64Array.from(durations).sort()
  const count = sorted.length
  const avg = sorted.reduce((sum, value) => sum + value, 0) / count
  const stddev = Math.sqrt(sorted.reduce((sum, value) => sum + (value - avg) ** 2, 0) / (count - 1))
  const percentiles = Object.fromEntries(Object.entries(PLACES).map(([name, p]) => [name, interpolated(sorted, p)]))
  return { ...group, count, avg, stddev, min: sorted[0], max: sorted[count - 1], users: users.size, ...percentiles }
}

function columnsOf(groups) {
  return Object.fromEntries(Object.keys(groups[0] ?? {}).map((name) => [name, groups.map((group) => group[name])]))
}
