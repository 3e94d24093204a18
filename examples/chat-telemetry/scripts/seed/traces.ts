/**
 * Public traces as chat requests, where `ISOFOLD_DATA` has them: their times are moved so that they end shortly before
 * the seed does, nothing else is changed.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { DAY } from '@/lib/clock'
import type { SeedRow } from './rows'

/** The folder of the shared data, or undefined with nothing in it. */
export function sharedData(): string | undefined {
  const folder = resolve(process.env.ISOFOLD_DATA ?? '../../../shared/data')
  return existsSync(join(folder, 'llm/aider_usage.csv.gz')) ? folder : undefined
}

/** Requests of aider's users: model, tokens, cost, and the latency where it is known. */
export function aiderRows(folder: string, end: Date): SeedRow[] {
  const lines = readTable(folder, 'aider_usage')
  const moved = mover(lines, end.getTime() - DAY / 4)
  return lines.map((line) => {
    const duration = line.latency_s === '' ? null : Math.round(Number(line.latency_s) * 1000)
    return {
      ...shape(`aider-${line.row}`, moved(line), duration),
      model: line.model ?? '',
      domain: 'aider.example',
      success: line.status === 'ok',
      error: line.status === 'ok' ? null : 'exception',
      input_tokens: whole(line.prompt_tokens),
      output_tokens: whole(line.completion_tokens),
      cost_usd: line.cost_usd === '' ? null : (line.cost_usd ?? null),
    }
  })
}

/** Requests of the benchmark llmperf; they have no price of their own. */
export function llmperfRows(folder: string, end: Date): SeedRow[] {
  const lines = readTable(folder, 'llmperf_2023')
  const moved = mover(lines, end.getTime() - 2 * DAY)
  return lines.map((line, at) => ({
    ...shape(`llmperf-${at}`, moved(line), Math.round(Number(line.end_to_end_latency_s) * 1000)),
    model: line.model ?? '',
    domain: 'llmperf.example',
    success: line.status === 'ok',
    error: line.status === 'ok' ? null : `error ${line.error_code}`,
    input_tokens: whole(line.input_tokens),
    output_tokens: whole(line.output_tokens),
    cost_usd: null,
  }))
}

type Line = Readonly<Record<string, string | undefined>>

function readTable(folder: string, name: string): Line[] {
  // no field of these files has a comma or a quote in it
  const [head = '', ...lines] = gunzipSync(readFileSync(join(folder, `llm/${name}.csv.gz`))).toString().trim().split('\n')
  const names = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(names.map((name, at) => [name, cells[at]]))
  })
}

function mover(lines: readonly Line[], last: number): (line: Line) => Date {
  const time = (line: Line): number => Number(BigInt(line.ts_ns ?? '0') / 1_000_000n)
  const newest = lines.reduce((latest, line) => Math.max(latest, time(line)), 0)
  return (line) => new Date(time(line) - newest + last)
}

function shape(session: string, created: Date, duration: number | null): Omit<SeedRow, 'model' | 'domain' | 'success' | 'error' | 'input_tokens' | 'output_tokens' | 'cost_usd'> {
  return {
    session_id: session,
    start_time: new Date(created.getTime() - (duration ?? 0)),
    end_time: duration === null ? null : created,
    duration_ms: duration,
    iterations: 1,
    search_count: 0,
    total_results: 0,
    created_at: created,
  }
}

function whole(text: string | undefined): number | null {
  return text === undefined || text === '' ? null : Number(text)
}
