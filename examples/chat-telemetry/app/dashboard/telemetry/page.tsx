/** The dashboard of the organisation that is signed in. */
import type { Metadata } from 'next'
import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { Dashboard } from '@/components/telemetry/dashboard'
import type { Organization } from '@/lib/contract'
import { RequestError } from '@/lib/http/request-error'
import { tenantOf } from '@/lib/tenants/tenant'

export const metadata: Metadata = { title: 'Dashboard' }

interface PageProps {
  readonly searchParams: Promise<Readonly<Record<string, string | readonly string[] | undefined>>>
}

export default async function Page({ searchParams }: PageProps) {
  const { name } = (await signedIn()) ?? redirect('/sign-in')
  const entries = Object.entries(await searchParams).flatMap(([key, value]) => [value ?? []].flat().map((each) => [key, each]))
  return <Dashboard organization={name} query={String(new URLSearchParams(entries))} />
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
