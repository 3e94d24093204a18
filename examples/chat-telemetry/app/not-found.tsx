/** There is nothing at the address. */
import type { Metadata } from 'next'
import Link from 'next/link'
import { Message } from '@/components/message'

export const metadata: Metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <Message title="There is no such page">
      <p>
        <Link href="/dashboard/telemetry">To the dashboard</Link>
      </p>
    </Message>
  )
}
