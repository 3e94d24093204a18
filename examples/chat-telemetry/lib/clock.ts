/**
 * What time is it?
 *
 * The one idea: everything that depends on the time asks here, so that tests and pictures can hold the clock still
 * (`TELEMETRY_NOW`, ISO 8601).
 */

/** The time. */
export function now(): Date {
  const held = process.env.TELEMETRY_NOW
  if (held === undefined || held === '') return new Date()
  const time = new Date(held)
  if (Number.isNaN(time.getTime())) throw new Error(`TELEMETRY_NOW must be ISO 8601, got ${held}`)
  return time
}

/** Milliseconds. */
export const HOUR = 3_600_000
/** Milliseconds. */
export const DAY = 24 * HOUR

/** The start of the hour or day in UTC that `time` lies in, whatever the zone of the machine is. */
export function floorTo(grain: number, time: Date): Date {
  return new Date(Math.floor(time.getTime() / grain) * grain)
}
