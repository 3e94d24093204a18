/** Words across the page about something that the reader should know, and what can be done. */
import type { ReactNode } from 'react'
import { clock } from '@/lib/client/format'
import type { Snapshot } from '@/lib/client/store'
import { Icon } from '../icon'
import styles from './notice.module.css'

interface NoticeProps {
  readonly tone: 'warn' | 'bad'
  readonly children: ReactNode
  readonly action?: { readonly words: string; readonly act: () => void }
}

export function Notice({ tone, children, action }: NoticeProps) {
  return (
    <div className={`${styles.notice} ${styles[tone]}`} role="alert">
      <Icon name="alert" />
      <p>{children}</p>
      {action !== undefined && (
        <button type="button" onClick={action.act}>
          {action.words}
        </button>
      )}
    </div>
  )
}

interface NoticesProps {
  readonly snapshot: Snapshot
  readonly reload: () => void
  /** What in the address makes no sense. */
  readonly problem: string | null
}

/** All that is wrong while there still are numbers to show. */
export function Notices({ snapshot: { status, failure, connection, refusal, agreement, heardAt }, reload, problem }: NoticesProps) {
  const again = { words: 'Load again', act: reload }
  return (
    <>
      {problem !== null && <Notice tone="warn">{problem}</Notice>}
      {connection === 'offline' && heardAt !== null && (
        <Notice tone="warn">You are offline. Ranges and domains answer from what was there at {clock(heardAt)} UTC.</Notice>
      )}
      {status === 'failed' && connection !== 'offline' && (
        <Notice tone="bad" action={again}>
          {failure?.message} Shown is what was loaded before.
        </Notice>
      )}
      {refusal !== null && (
        <Notice tone="bad" action={again}>
          The live stream sent something that was not taken in: {refusal}. The numbers are those from before it.
        </Notice>
      )}
      {refusal === null && agreement === 'differs' && (
        <Notice tone="bad" action={again}>
          What was loaded is not what the server says it sent.
        </Notice>
      )}
    </>
  )
}
