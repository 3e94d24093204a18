/** The panels of which the dashboard is made: a heading, words beside it, content. */
import { type ReactNode, useId } from 'react'
import styles from './surface.module.css'

interface SurfaceProps {
  readonly title: string
  /** Beside the title: what is counted, or a control. */
  readonly aside?: ReactNode
  readonly children: ReactNode
}

/** A panel; its title names it for screen readers too. */
export function Surface({ title, aside, children }: SurfaceProps) {
  const id = useId()
  return (
    <section className={styles.surface} aria-labelledby={id}>
      <header className={styles.head}>
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div className={styles.aside}>{aside}</div>}
      </header>
      {children}
    </section>
  )
}

/** Names and their values, one a line. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
