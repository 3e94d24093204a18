// A page that follows the stream holds what the server holds, whoever wrote the rows.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { Rollup } from 'isofold'
import { GET as dashboard } from '@/app/api/dashboard/telemetry/route'
import { GET as live } from '@/app/api/dashboard/telemetry/live/route'
import { GET as rollupRoute } from '@/app/api/dashboard/telemetry/rollup/route'
import { POST as record } from '@/app/api/telemetry/chat/route'
import { POST as progress } from '@/app/api/telemetry/sessions/route'
import { type DeltaEvent, HEADERS, type LiveSessions, type ReplaceEvent, ROUTES } from '@/lib/contract'
import type { OwnerDatabase } from '@/lib/database/database'
import { NOW, request, served } from './server'

let database: OwnerDatabase
before(async () => {
  database = await served(1500, 20)
})

interface Received {
  readonly event: string
  readonly id: string | undefined
  readonly data: unknown
}

/** The events of a stream, one after another; `close` leaves it. */
async function listen(as: string, cursor: string, lastEventId?: string): Promise<{ next(event: string): Promise<Received>; close(): void; ended(): Promise<boolean> }> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const asked = request(`${ROUTES.live}?cursor=${cursor}`, { as, headers })
  const response = await live(asked)
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  const next = async (wanted: string): Promise<Received> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end < 0) {
        const { value, done } = await reader.read()
        assert.ok(!done, `the stream ended without ${wanted}`)
        text += decoder.decode(value, { stream: true })
        continue
      }
      const fields = Object.fromEntries(text.slice(0, end).split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
      text = text.slice(end + 2)
      if (fields.event === wanted) return { event: wanted, id: fields.id, data: JSON.parse(fields.data as string) }
    }
  }
  const ended = async (): Promise<boolean> => (await reader.read()).done
  return { next, ended, close: () => void reader.cancel() }
}

async function loaded(as: string): Promise<{ rollup: Rollup; cursor: string }> {
  const response = await rollupRoute(request(ROUTES.rollup, { as }))
  return { rollup: Rollup.decode(await response.arrayBuffer()), cursor: response.headers.get(HEADERS.cursor) as string }
}

const chat = { sessionId: 'live-1', domain: 'help.northwind.example', model: 'gpt-5-mini', durationMs: 1234, inputTokens: 1000, outputTokens: 500, searches: [{ tool: 'site', query: 'shoes', resultCount: 4 }] }

test('a recorded request arrives as a delta, with the digest that the JSON has then', async () => {
  const { rollup, cursor } = await loaded('northwind')
  const stream = await listen('northwind', cursor)
  const response = await record(request(ROUTES.record, { as: 'northwind', method: 'POST', body: chat }))
  assert.equal(response.status, 201)
  assert.equal(((await response.json()) as { costUsd: string }).costUsd, '0.001250')
  const delta = (await stream.next('delta')).data as DeltaEvent
  rollup.merge(Buffer.from(delta.bytes, 'base64'))
  assert.equal(rollup.digest(), delta.digest)
  const json = (await (await dashboard(request(ROUTES.dashboard, { as: 'northwind' }))).json()) as { digest: string }
  assert.equal(json.digest, delta.digest)
  stream.close()
})

test('rows of anybody in the database arrive, changes replace their hours, and others hear nothing of it', async () => {
  const { rollup, cursor } = await loaded('northwind')
  const [mine, others] = [await listen('northwind', cursor), await listen('contoso', (await loaded('contoso')).cursor)]
  await database.query(`INSERT INTO chat_telemetry (session_id, model, start_time, created_at, domain, success)
    VALUES ('psql', 'o3', $1, $1, 'shop.northwind.example', true)`, [NOW.toISOString()])
  const delta = (await mine.next('delta')).data as DeltaEvent
  rollup.merge(Buffer.from(delta.bytes, 'base64'))
  await database.query(`UPDATE chat_telemetry SET success = false WHERE session_id = 'psql'`)
  const replace = (await mine.next('replace')).data as ReplaceEvent
  assert.deepEqual([replace.start, replace.end], ['2026-11-19T10:00:00.000Z', '2026-11-19T11:00:00.000Z'])
  rollup.replace(replace.start, replace.end, Buffer.from(replace.bytes, 'base64'))
  assert.equal(rollup.digest(), replace.digest)
  await record(request(ROUTES.record, { as: 'contoso', method: 'POST', body: { ...chat, domain: 'kids.contoso.example' } }))
  const theirs = Rollup.decode(Buffer.from(((await others.next('delta')).data as DeltaEvent).bytes, 'base64'))
  assert.deepEqual(theirs.query({ bucket: null, select: ['requests'] }).rows(), [{ domain: 'kids.contoso.example', model: 'gpt-5-mini', requests: 1 }])
  mine.close()
  others.close()
})

test('who was away goes on from the last event, and an unknown cursor is a reset that ends the stream', async () => {
  const { rollup, cursor } = await loaded('northwind')
  for (const sessionId of ['away-1', 'away-2']) {
    await record(request(ROUTES.record, { as: 'northwind', method: 'POST', body: { ...chat, sessionId } }))
    await dashboard(request(ROUTES.dashboard, { as: 'northwind' }))
  }
  const stream = await listen('northwind', 'ignored', cursor)
  const first = await stream.next('delta')
  rollup.merge(Buffer.from((first.data as DeltaEvent).bytes, 'base64'))
  stream.close()
  const again = await listen('northwind', 'ignored', first.id)
  const second = (await again.next('delta')).data as DeltaEvent
  rollup.merge(Buffer.from(second.bytes, 'base64'))
  assert.equal(rollup.digest(), second.digest)
  again.close()
  for (const unknown of ['', 'nobody.7', `${cursor}x`]) {
    const lost = await listen('northwind', unknown)
    assert.deepEqual((await lost.next('reset')).data, { reason: 'cursor' })
    assert.equal(await lost.ended(), true)
  }
})

test('running chats are told to their organisation alone, and end with their request', async () => {
  const mine = await listen('northwind', (await loaded('northwind')).cursor)
  const others = await listen('contoso', (await loaded('contoso')).cursor)
  assert.equal(((await mine.next('sessions')).data as LiveSessions).activeSessions, 0)
  const body = { sessionId: 'running', domain: chat.domain, model: 'gpt-4.1', inputTokens: 1000 }
  assert.equal((await progress(request(ROUTES.sessions, { as: 'northwind', method: 'POST', body }))).status, 204)
  const told = (await mine.next('sessions')).data as LiveSessions
  assert.deepEqual(told, { activeSessions: 1, currentCost: '0.010000', sessionsData: [{ id: 'running', uptime: 0, cost: '0.010000', model: 'gpt-4.1' }] })
  assert.equal(((await others.next('sessions')).data as LiveSessions).activeSessions, 0)
  await record(request(ROUTES.record, { as: 'northwind', method: 'POST', body: { ...chat, sessionId: 'running' } }))
  assert.equal(((await mine.next('sessions')).data as LiveSessions).activeSessions, 0)
  mine.close()
  others.close()
})
