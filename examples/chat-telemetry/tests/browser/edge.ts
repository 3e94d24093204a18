/** Both backends in the built server: the addon in Node's routes, WebAssembly at the edge. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { Rollup } from 'isofold'
import { PAGE_SPEC } from '@/lib/catalog'
import { type DashboardTelemetry, HEADERS, PACKED, ROUTES } from '@/lib/contract'
import type { TelemetryView } from '@/lib/client/view'
import { type Application, NOW } from './application'

const EDGE = '/api/edge/telemetry/summary'

export function testEdge(now: () => Application): void {
  const post = async (body: BodyInit, query = '', cookie?: string): Promise<Response> =>
    fetch(now().address + EDGE + query, { method: 'POST', body, headers: { cookie: cookie ?? (await now().cookie('northwind')) } })
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

    it('the edge route knows the sessions of the other routes, and nobody else', async () => {
      const good = new Uint8Array(new Rollup(PAGE_SPEC).encode())
      const cookie = await now().cookie('northwind')
      const [organization, expiry, signature] = cookie.slice(cookie.indexOf('=') + 1).split('.') as [string, string, string]
      const forged = ['', 'x', `contoso.${expiry}.${signature}`, `${organization}.${Number(expiry) + 1}.${signature}`, `${organization}.${expiry}.`, `${organization}.${expiry}.${signature.slice(1)}`]
      for (const token of forged) {
        const response = await post(good, '', `telemetry_session=${token}`)
        const { error } = (await response.json()) as { error: { code: string } }
        assert.deepEqual([response.status, error.code], [401, 'session.missing'], token)
      }
      assert.equal((await post(good)).status, 200)
      const bearer = await fetch(now().address + EDGE, { method: 'POST', body: good, headers: { authorization: `Bearer ${organization}.${expiry}.${signature}` } })
      assert.equal(bearer.status, 200)
    })

    it('the page gets the rollup packed, and not again when it has it', async () => {
      const plain = await northwind(ROUTES.rollup)
      const bytes = Buffer.from(await plain.arrayBuffer())
      const headers = { cookie: await now().cookie('northwind'), accept: PACKED }
      const packed = await fetch(now().address + ROUTES.rollup, { headers })
      const file = Buffer.from(await packed.arrayBuffer())
      assert.deepEqual([packed.headers.get('content-type'), packed.headers.get('content-encoding')], [PACKED, null])
      assert.deepEqual(gunzipSync(file), bytes)
      assert.ok(file.length < 0.7 * bytes.length, `${file.length} of ${bytes.length} bytes`)
      const digest = packed.headers.get(HEADERS.digest)
      assert.deepEqual([digest, Rollup.decode(bytes).digest()], [plain.headers.get(HEADERS.digest), digest])
      const etag = packed.headers.get('etag') ?? ''
      assert.notEqual(etag, plain.headers.get('etag'))
      assert.match(packed.headers.get('vary') ?? '', /accept/)
      const again = await fetch(now().address + ROUTES.rollup, { headers: { ...headers, 'if-none-match': etag } })
      assert.deepEqual([again.status, (await again.arrayBuffer()).byteLength], [304, 0])
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
