/** The dashboard of the organisation that is signed in. */
import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { Dashboard } from '@/components/telemetry/dashboard'
import type { Organization } from '@/lib/contract'
import { RequestError } from '@/lib/http/request-error'
import { tenantOf } from '@/lib/tenants/tenant'

export const metadata: Metadata = { title: 'Dashboard' }

export default async function Page() {
  const { name } = (await signedIn()) ?? redirect('/sign-in')
  return <Dashboard organization={name} />
}

async function signedIn(): Promise<Organization | undefined> {
  try {
    const request = new Request('http://page', { headers: new Headers(await headers()) })
    return (await tenantOf(request)).organization
  } catch (error) {
    if (error instanceof RequestError && error.status === 401) return undefined
    throw error
  }
}
