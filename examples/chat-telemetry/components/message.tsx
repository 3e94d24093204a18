/** A page that has only something to say. */
import type { ReactNode } from 'react'
import { TopBar } from './top-bar'
import styles from './message.module.css'

export function Message({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <>
      <TopBar organization={null} />
      <main className={styles.message}>
        <h1>{title}</h1>
        {children}
      </main>
    </>
  )
}
