/** A page could not be made: the database is away, or something is broken. */
'use client'

import { Message } from '@/components/message'

export default function Failure({ error, reset }: { readonly error: Error & { readonly digest?: string }; readonly reset: () => void }) {
  return (
    <Message title="Something went wrong">
      <p>The page could not be made{error.digest !== undefined && ` (${error.digest})`}. It may be over soon.</p>
      <button type="button" onClick={reset}>
        Try again
      </button>
    </Message>
  )
}
