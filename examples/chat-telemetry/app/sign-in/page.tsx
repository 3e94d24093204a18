/** Where an organisation signs in. */
import type { Metadata } from 'next'
import { SignIn } from '@/components/sign-in'
import { TopBar } from '@/components/top-bar'

export const metadata: Metadata = { title: 'Sign in' }

export default function Page() {
  return (
    <>
      <TopBar organization={null} />
      <SignIn />
    </>
  )
}
