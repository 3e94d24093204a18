/** What stands in the place of the numbers: while they load, when they cannot, and when there are none. */
import type { ReactNode } from 'react'
import { RANGES } from '@/lib/client/range'
import type { Choice } from '@/lib/client/view'
import { ROUTES } from '@/lib/contract'
import styles from './blank.module.css'

/** The shape of the page, before there are numbers. */
export function Loading() {
  return (
    <div className={styles.loading} role="status" aria-label="Loading chat telemetry">
      <div className={styles.row}>
        {[0, 1, 2, 3].map((card) => (
          <i key={card} />
        ))}
      </div>
      <i className={styles.tall} />
      <div className={styles.row}>
        <i className={styles.tall} />
        <i className={styles.tall} />
      </div>
    </div>
  )
}

/** Nothing could be loaded. */
export function Failed({ message, retry }: { readonly message: string; readonly retry: () => void }) {
  return (
    <Blank title="The numbers could not be loaded" role="alert">
      <p>{message}</p>
      <button type="button" onClick={retry}>
        Try again
      </button>
    </Blank>
  )
}

/** The organisation has no requests at all. */
export function NoRequestsYet() {
  return (
    <Blank title="No chat requests yet">
      <p>Numbers appear here by themselves as soon as one is recorded:</p>
      <code>POST {ROUTES.record}</code>
    </Blank>
  )
}

/** There are requests, but none of this range and domain. */
export function NothingChosen({ choice, choose }: { readonly choice: Choice; readonly choose: (change: Partial<Choice>) => void }) {
  const range = RANGES.find(({ key }) => key === choice.range)?.label.toLowerCase()
  return (
    <Blank title="No requests here" role="status">
      <p>
        In the {range} there are none{choice.domain !== null && <> of “{choice.domain}”</>}.
      </p>
      {choice.domain !== null && (
        <button type="button" onClick={() => choose({ domain: null })}>
          Show all domains
        </button>
      )}
      {choice.range !== '90d' && (
        <button type="button" onClick={() => choose({ range: '90d' })}>
          Show 90 days
        </button>
      )}
    </Blank>
  )
}

function Blank({ title, role, children }: { readonly title: string; readonly role?: string; readonly children: ReactNode }) {
  return (
    <div className={styles.blank} role={role}>
      <h2>{title}</h2>
      {children}
    </div>
  )
}
