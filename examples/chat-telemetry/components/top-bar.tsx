/** The line above every page: what this is, whose numbers these are, theme and way out. */
'use client'

import { useRouter } from 'next/navigation'
import { ROUTES } from '@/lib/contract'
import { Icon } from './icon'
import { ThemeSwitch } from './theme-switch'
import styles from './top-bar.module.css'

export function TopBar({ organization }: { readonly organization: string | null }) {
  return (
    <header className={styles.bar}>
      <span className={styles.brand}>
        <span className={styles.mark} aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
        <span>Chat telemetry</span>
      </span>
      {organization !== null && <span className={styles.organization}>{organization}</span>}
      <span className={styles.space} />
      <ThemeSwitch />
      {organization !== null && <SignOut />}
    </header>
  )
}

function SignOut() {
  const router = useRouter()
  const leave = async (): Promise<void> => {
    await fetch(ROUTES.session, { method: 'DELETE' })
    router.replace('/sign-in')
  }
  return (
    <button type="button" className={styles.round} aria-label="Sign out" title="Sign out" onClick={() => void leave()}>
      <Icon name="leave" />
    </button>
  )
}
