/** Both backends in the built server: the addon in Node's routes, WebAssembly at the edge. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Rollup } from 'isofold'
import { PAGE_SPEC } from '@/lib/catalog'
import { type DashboardTelemetry, HEADERS, ROUTES } from '@/lib/contract'
import type { TelemetryView } from '@/lib/client/view'
import { type Application, NOW } from './application'

const EDGE = '/api/edge/telemetry/summary'

export function testEdge(now: () => Application): void {
  const post = (body: BodyInit, query = ''): Promise<Response> => fetch(now().address + EDGE + query, { method: 'POST', body })
  const northwind = async (path: string): Promise<Response> => fetch(now().address + path, { headers: { cookie: await now().cookie('northwind') } })

  describe('backends', () => {
    it('routes of Node fold with the addon', async () => {
      const response = await northwind(ROUTES.rollup)
      assert.equal(response.headers.get(HEADERS.backend), 'native')
      await response.arrayBuffer()
    })

    it('the edge route says of a rollup what the API says of the rows', async () => {
      const rollup = await northwind(ROUTES.rollup)
      const digest = rollup.headers.get(HEADERS.digest)
      const response = await post(await rollup.arrayBuffer(), '?range=30d')
      assert.equal(response.status, 200)
      const view = (await response.json()) as TelemetryView & { readonly digest: string }
      const api = (await (await northwind(`${ROUTES.dashboard}?days=30`)).json()) as DashboardTelemetry
      assert.equal(view.digest, digest)
      assert.equal(view.totals.requests, api.overview.totalRequests)
      assert.equal(view.totals.failures, api.overview.failedRequests)
      assert.equal(view.totals.totalTokens, api.tokens.total)
      assert.equal(view.cost.total.toFixed(4), api.cost.total)
      assert.equal(view.cost.direction, api.cost.trend)
      assert.equal(Math.round(view.totals.avgDurationMs ?? 0), api.performance.avgResponseTime)
    })

    it('the edge route refuses what is no page rollup, with a code', async () => {
      const other = new Rollup({ name: 'other', columns: { ts: 'timestamp' }, time: 'ts', bucket: '1 hour', select: { n: 'count(*)' } })
      other.ingest([{ ts: NOW }])
      const good = new Rollup(PAGE_SPEC).encode()
      const bodies: [body: BodyInit, query: string, status: number, code: RegExp][] = [
        ['', '', 400, /^decode\./],
        ['{"bytes":1}', '', 400, /^decode\./],
        [new Uint8Array(good).slice(0, -1), '', 400, /^decode\./],
        [new Uint8Array(7_999_999), '', 400, /^decode\./],
        [new Uint8Array(8_000_001), '', 413, /^body\.size$/],
        [new Uint8Array(other.encode()), '', 422, /^merge\.schema$/],
        [new Uint8Array(good), '?range=31d', 400, /^parameter\.invalid$/],
      ]
      for (const [body, query, status, code] of bodies) {
        const response = await post(body, query)
        const { error } = (await response.json()) as { error: { code: string } }
        assert.equal(response.status, status)
        assert.match(error.code, code)
      }
      assert.equal((await post(new Uint8Array(good), "?domain=o'brien")).status, 200)
    })
  })
}
