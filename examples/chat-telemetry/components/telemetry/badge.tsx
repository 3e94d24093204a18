/** A few words with a colour that says how good they are; the words alone say it too. */
import type { ReactNode } from 'react'
import { Icon, type IconName } from '../icon'
import styles from './badge.module.css'

interface BadgeProps {
  readonly tone: 'good' | 'warn' | 'bad' | 'quiet'
  readonly icon?: IconName
  readonly title?: string
  readonly children: ReactNode
}

export function Badge({ tone, icon, title, children }: BadgeProps) {
  return (
    <span className={`${styles.badge} ${styles[tone]}`} title={title}>
      {icon === undefined ? <i className={styles.dot} aria-hidden="true" /> : <Icon name={icon} />}
      {children}
    </span>
  )
}
