/** Numbers and times are written in one way, and what is not there is a dash. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ago, change, decimal, duration, number, percent, pointName, short, usd } from '@/lib/client/format'

const minutes = (count: number): Date => new Date(Date.parse('2026-11-20T14:25:00Z') - count * 60_000)

it('what has no value is a dash', () => {
  assert.deepEqual([number, short, decimal, percent, usd, duration].map((write) => write(null)), Array(6).fill('–'))
})

it('numbers are grouped, shortened and rounded', () => {
  assert.deepEqual([number(1234567), number(1.5), short(1_234_567), short(999), decimal(1.25)], ['1,234,567', '2', '1.23M', '999', '1.3'])
})

it('only all of them are a hundred percent', () => {
  assert.deepEqual([percent(1), percent(0.99996), percent(0.9663), percent(0)], ['100%', '>99.9%', '96.6%', '0%'])
})

it('money below a dollar has four decimals', () => {
  assert.deepEqual([usd(1234.5), usd(0.01234), usd(0)], ['$1,234.50', '$0.0123', '$0.00'])
})

it('durations have a unit that fits', () => {
  assert.deepEqual([duration(840), duration(2449), duration(184_400)], ['840 ms', '2.4 s', '3 min 4 s'])
})

it('a change has a sign, and nothing to compare with has none', () => {
  assert.deepEqual([change(100, 112), change(100, 88), change(100, 100)], ['+12%', '−12%', '0%'])
  assert.deepEqual([change(0, 5), change(null, 5), change(undefined, 5), change(5, null)], [null, null, null, null])
})

it('ages are in minutes, hours, days', () => {
  const texts = [0.5, 3, 59, 60, 47 * 60, 48 * 60].map((count) => ago(minutes(count), minutes(0)))
  assert.deepEqual(texts, ['just now', '3 min ago', '59 min ago', '1 hr ago', '47 hr ago', '2 days ago'])
  assert.equal(ago(minutes(-5), minutes(0)), 'just now')
})

it('bars are named by what they cover', () => {
  const point = (start: string, end: string) => ({ start: new Date(start), end: new Date(end), requests: 0, costUsd: 0, partial: false })
  assert.equal(pointName(point('2026-11-20T14:00:00Z', '2026-11-20T15:00:00Z'), 'hour'), 'Nov 20, 14:00–15:00')
  assert.equal(pointName(point('2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z'), 'day'), 'Nov 20')
  assert.equal(pointName(point('2026-11-20T15:00:00Z', '2026-11-21T00:00:00Z'), 'day'), 'Nov 20, 15:00–00:00')
})
