/** Signs in as an organisation: one of the list where the demonstration lets anybody in, else by its name and key. */
'use client'

import { useRouter } from 'next/navigation'
import { type FormEvent, useEffect, useState } from 'react'
import { type ErrorBody, type Organization, ROUTES, type SignedOutBody } from '@/lib/contract'
import styles from './sign-in.module.css'

export function SignIn() {
  const router = useRouter()
  const [organizations, setOrganizations] = useState<readonly Organization[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)

  useEffect(() => {
    void signedOut().then((answer) => {
      if (answer === 'signed in') router.replace('/dashboard/telemetry')
      else setOrganizations(answer)
    })
  }, [router])

  const enter = async (organization: string, key?: string): Promise<void> => {
    setBusy(true)
    setProblem(null)
    const refusal = await refused(organization, key)
    if (refusal === null) return router.replace('/dashboard/telemetry')
    setBusy(false)
    setProblem(refusal)
  }
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    void enter(String(form.get('organization')), String(form.get('key')))
  }
  return (
    <main className={styles.page}>
      <h1>Sign in</h1>
      {problem !== null && (
        <p role="alert" className={styles.problem}>
          {problem}
        </p>
      )}
      {organizations === null && <p role="status">Looking who you are</p>}
      {organizations !== null && organizations.length > 0 && (
        <>
          <p>This is a demonstration: come in as either organisation. Each sees its own chats only.</p>
          <ul>
            {organizations.map(({ id, name }) => (
              <li key={id}>
                <button type="button" disabled={isBusy} onClick={() => void enter(id)}>
                  {name}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      {organizations?.length === 0 && (
        <form onSubmit={submit}>
          <label>
            Organisation
            <input name="organization" required autoComplete="organization" />
          </label>
          <label>
            Key
            <input name="key" type="password" required autoComplete="current-password" />
          </label>
          <button type="submit" disabled={isBusy}>
            Sign in
          </button>
        </form>
      )}
    </main>
  )
}

/** The organisations that anybody may be, or that somebody is signed in. */
async function signedOut(): Promise<readonly Organization[] | 'signed in'> {
  try {
    const response = await fetch(ROUTES.session)
    if (response.ok) return 'signed in'
    return ((await response.json()) as Partial<SignedOutBody>).organizations ?? []
  } catch {
    return []
  }
}

/** Why the server does not let the organisation in; null when it does. */
async function refused(organization: string, key: string | undefined): Promise<string | null> {
  try {
    const body = JSON.stringify({ organization, key })
    const response = await fetch(ROUTES.session, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    return response.ok ? null : `${((await response.json()) as ErrorBody).error.message}.`
  } catch {
    return 'The server cannot be reached.'
  }
}
