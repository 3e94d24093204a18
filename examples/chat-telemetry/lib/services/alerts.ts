/** Limits on what a domain may cost, and which are exceeded. */
import { DAY, HOUR } from '../clock'
import type { Queries } from '../database/database'
import { numberIn, type Reader, whereDomain } from './reader'

/** What a limit is on: the last hour, 24 hours or 30 days, or the dearest request of the last 24 hours. */
export const ALERT_TYPES = ['hourly', 'daily', 'monthly', 'per_request'] as const
export type AlertType = (typeof ALERT_TYPES)[number]

/** A limit and what it is compared with; USD. */
export interface CostAlert {
  readonly domain: string
  readonly alertType: AlertType
  readonly thresholdUsd: number
  readonly currentValue: number
  readonly isExceeded: boolean
}

const SPANS: Readonly<Record<AlertType, number>> = { hourly: HOUR, daily: DAY, monthly: 30 * DAY, per_request: DAY }

/** Sets the limit of a domain; there is one of each type. */
export async function setAlert(queries: Queries, domain: string, type: AlertType, thresholdUsd: number): Promise<void> {
  await queries.query(
    `INSERT INTO chat_cost_alerts (domain, alert_type, threshold_usd) VALUES ($1, $2, $3)
     ON CONFLICT ((coalesce(domain, '')), alert_type)
     DO UPDATE SET threshold_usd = excluded.threshold_usd, enabled = true, updated_at = now()`,
    [domain, type, thresholdUsd],
  )
}

/** All limits that are on, compared with what was spent. */
export async function costAlerts(queries: Queries, reader: Reader, now: Date): Promise<CostAlert[]> {
  const alerts = await queries.query<{ domain: string; alert_type: AlertType; threshold_usd: number }>(
    'SELECT domain, alert_type, threshold_usd FROM chat_cost_alerts WHERE enabled AND domain IS NOT NULL ORDER BY domain, alert_type',
  )
  const compared: CostAlert[] = []
  for (const { domain, alert_type, threshold_usd } of alerts) {
    const start = new Date(now.getTime() - SPANS[alert_type])
    const metric = alert_type === 'per_request' ? 'max_cost_usd' : 'cost_usd'
    const [answer] = await reader.read({ start, end: now, bucket: null, group_by: [], where: whereDomain(domain), select: [metric] })
    const value = numberIn(answer, metric, 0)
    compared.push({ domain, alertType: alert_type, thresholdUsd: threshold_usd, currentValue: value, isExceeded: value > threshold_usd })
  }
  return compared
}

/** Compares all limits, notes what they were compared with, and gives those that are exceeded. */
export async function checkAlerts(queries: Queries, reader: Reader, now: Date): Promise<CostAlert[]> {
  const compared = await costAlerts(queries, reader, now)
  for (const { domain, alertType, currentValue, isExceeded } of compared) {
    await queries.query(
      `UPDATE chat_cost_alerts SET current_value = $3, last_triggered = CASE WHEN $4 THEN $5::timestamptz ELSE last_triggered END
       WHERE domain = $1 AND alert_type = $2`,
      [domain, alertType, currentValue, isExceeded, now.toISOString()],
    )
  }
  return compared.filter(({ isExceeded }) => isExceeded)
}
