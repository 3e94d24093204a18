import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { DELETE, GET, POST } from '@/app/api/session/route'
import { DAY } from '@/lib/clock'
import { ROUTES } from '@/lib/contract'
import { organizationAtEdge } from '@/lib/tenants/edge-token'
import { organizationOf, signedToken } from '@/lib/tenants/token'
import { errorOf, NOW, request, served } from './server'

before(async () => void (await served(10, 2)))

const signIn = (body: unknown, headers = {}): Promise<Response> => POST(request(ROUTES.session, { method: 'POST', body, headers }))

test('a key signs in, and the cookie is for the server alone', async () => {
  const response = await signIn({ organization: 'northwind', key: 'northwind-demo' }, { 'x-forwarded-proto': 'https' })
  assert.deepEqual(await response.json(), { organization: { id: 'northwind', name: 'Northwind Support' } })
  const cookie = response.headers.get('set-cookie') as string
  assert.match(cookie, /^telemetry_session=northwind\.\d+\.[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax; Secure$/)
  const who = await GET(request(ROUTES.session, { headers: { cookie: `other=1; ${cookie.split(';')[0]}` } }))
  assert.deepEqual(await who.json(), { organization: { id: 'northwind', name: 'Northwind Support' } })
  const out = DELETE(request(ROUTES.session, { method: 'DELETE' }))
  assert.equal(out.status, 204)
  assert.match(out.headers.get('set-cookie') ?? '', /^telemetry_session=; Max-Age=0;/)
})

test('a wrong key, a missing one and an unknown organisation are refused in the same words', async () => {
  const texts = new Set<string>()
  for (const body of [{ organization: 'northwind', key: 'contoso-demo' }, { organization: 'northwind' }, { organization: 'nobody', key: 'x' }, { organization: "'; DROP TABLE organizations; --", key: 'x' }]) {
    const response = await signIn(body)
    assert.equal(response.status, 401)
    texts.add(await response.text())
  }
  assert.equal(texts.size, 1)
})

test('the demonstration takes an organisation without its key, and names them', async () => {
  const signedOut = await GET(request(ROUTES.session))
  assert.deepEqual([signedOut.status, ((await signedOut.json()) as { organizations: unknown[] }).organizations], [401, []])
  process.env.TELEMETRY_DEMO = '1'
  const demo = (await (await GET(request(ROUTES.session))).json()) as { organizations: { id: string }[] }
  const [right, wrong] = [await signIn({ organization: 'contoso' }), await signIn({ organization: 'contoso', key: 'wrong' })]
  delete process.env.TELEMETRY_DEMO
  assert.deepEqual(demo.organizations.map(({ id }) => id), ['contoso', 'northwind'])
  assert.deepEqual([right.status, wrong.status], [200, 401])
})

test('a token that is forged, changed or over names nobody, in Node and at the edge', async () => {
  const token = signedToken('northwind')
  const named = async (text: string): Promise<unknown[]> => [organizationOf(text), await organizationAtEdge(text)]
  assert.deepEqual(await named(token), ['northwind', 'northwind'])
  const [, expiry, signature] = token.split('.') as [string, string, string]
  for (const other of [`contoso.${expiry}.${signature}`, `northwind.${Number(expiry) + 1}.${signature}`, `northwind.${expiry}.`, `northwind.${expiry}`, `${token}.x`, `northwind.${expiry}.%%%`, '', '..']) {
    assert.deepEqual(await named(other), [undefined, undefined], other)
  }
  process.env.TELEMETRY_NOW = new Date(NOW.getTime() + 7 * DAY).toISOString()
  assert.deepEqual(await named(token), [undefined, undefined])
  process.env.TELEMETRY_NOW = NOW.toISOString()

  // without a secret the edge shares nothing with the other routes
  const secret = process.env.TELEMETRY_SECRET
  delete process.env.TELEMETRY_SECRET
  assert.equal(await organizationAtEdge(signedToken('northwind')), undefined)
  process.env.TELEMETRY_SECRET = secret
})

test('a body that is no JSON, too large or of another shape is refused', async () => {
  assert.deepEqual(await errorOf(await signIn('{')), [400, 'body.json', ''])
  assert.deepEqual(await errorOf(await signIn({ organization: 7 })), [400, 'body.invalid', 'organization'])
  assert.deepEqual(await errorOf(await signIn([])), [400, 'body.invalid', ''])
  assert.deepEqual(await errorOf(await signIn({ organization: 'x'.repeat(70_000) })), [413, 'body.large', ''])
})
