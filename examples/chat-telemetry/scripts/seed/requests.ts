/**
 * Chat requests as they come: days and weeks have a rhythm, traffic grows, some requests fail or are never finished,
 * names are written in more than one way, and old programs count no tokens.
 */
import { DAY, HOUR } from '@/lib/clock'
import { costOf } from '@/lib/prices'
import { ORGANIZATIONS } from './organizations'
import { Random } from './random'
import type { SeedRow } from './rows'

const MODELS = [
  { name: 'gpt-5-mini', weight: 46, duration: 1400, output: 260 },
  { name: 'gpt-4.1', weight: 22, duration: 2600, output: 380 },
  { name: 'gpt-4-turbo', weight: 12, duration: 4200, output: 420 },
  { name: 'gpt-3.5-turbo', weight: 10, duration: 900, output: 210 },
  { name: 'claude-sonnet-4', weight: 8, duration: 3100, output: 450 },
  { name: '  gpt-5-mini', weight: 1, duration: 1400, output: 260 },
  { name: '', weight: 1, duration: 1400, output: 200 },
]
const DOMAINS = [
  ...ORGANIZATIONS.flatMap(({ domains }) => domains).map((name, at) => ({ name, weight: 30 / (at + 1.5) })),
  { name: '  help.northwind.example ', weight: 0.4 },
  { name: null, weight: 0.5 },
  { name: '', weight: 0.2 },
]
const ERRORS = ['upstream timed out', 'rate limit reached', 'the tool returned no JSON', 'context length exceeded'].map(
  (text, at) => ({ text, weight: 4 - at }),
)
/** What share of a day's requests an hour has, by hour of the day in UTC. */
const HOURS = [3, 2, 2, 2, 3, 5, 9, 16, 24, 30, 32, 31, 28, 30, 32, 30, 27, 24, 20, 17, 14, 10, 7, 4]
const BUSIEST = Math.max(...HOURS)

/** `count` requests of the `days` before `end`, in the order of time. */
export function* requests(count: number, days: number, end: Date, seed = 2026): Generator<SeedRow> {
  const random = new Random(seed)
  const start = end.getTime() - days * DAY
  const times = new Float64Array(count)
  for (let at = 0; at < count; at++) times[at] = moment(random, start, days * DAY)
  times.sort()
  for (const [at, time] of times.entries()) yield request(random, at, time, end)
}

function moment(random: Random, start: number, span: number): number {
  for (;;) {
    const at = random.next()
    const time = start + Math.floor(at * span)
    const date = new Date(time)
    const weekend = date.getUTCDay() % 6 === 0 ? 0.45 : 1
    const growth = 0.6 + 0.4 * at
    if (random.next() < growth * weekend * ((HOURS[date.getUTCHours()] as number) / BUSIEST)) return time
  }
}

function request(random: Random, at: number, time: number, end: Date): SeedRow {
  const model = random.pick(MODELS)
  const domain = random.pick(DOMAINS).name
  // one slow afternoon a fortnight
  const slow = Math.floor(time / DAY) % 14 === 3 && Math.floor(time / HOUR) % 24 === 14 ? 3.5 : 1
  const failed = random.chance(0.035 * slow)
  const unfinished = time > end.getTime() - HOUR ? random.chance(0.02) : random.chance(0.004)
  const counted = !random.chance(0.02)
  const searches = random.chance(0.3) ? 0 : random.whole(1, 4)
  const input = Math.round(random.skewed(1100 + 600 * searches, 0.6))
  const output = failed ? 0 : Math.round(random.skewed(model.output, 0.5))
  const duration = unfinished ? null : Math.round(random.skewed(model.duration * slow * (1 + searches * 0.35), 0.45))
  const created = new Date(time)
  return {
    session_id: `session-${at.toString(36)}`,
    model: model.name,
    start_time: new Date(time - (duration ?? 0)),
    end_time: duration === null ? null : created,
    duration_ms: duration,
    iterations: random.chance(0.01) ? null : 1 + Math.min(2, searches),
    search_count: random.chance(0.01) ? null : searches,
    total_results: searches * random.whole(0, 8),
    // a flag that was never set counts as a failure, as it always did
    success: unfinished ? null : !failed,
    error: failed ? random.pick(ERRORS).text : null,
    domain,
    created_at: created,
    input_tokens: counted ? input : null,
    output_tokens: counted ? output : null,
    // half of the callers leave the price to the database
    cost_usd: counted && random.chance(0.5) ? costOf(model.name, input, output) : null,
  }
}
