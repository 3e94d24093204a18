/** How fresh the numbers are, and whether the server holds the same. */
import type { Agreement } from '@/lib/client/held'
import { ago } from '@/lib/client/format'
import type { Connection, Snapshot } from '@/lib/client/store'
import { Badge } from './badge'
import styles from './status.module.css'

/** Hours are stored up to the last whole one every 15 minutes, so an older watermark means that refreshes fail. */
const STALE_MS = 2 * 3_600_000

const CONNECTIONS: Record<Connection, { readonly tone: 'good' | 'warn' | 'bad' | 'quiet'; readonly words: string }> = {
  connecting: { tone: 'quiet', words: 'Connecting' },
  live: { tone: 'good', words: 'Live' },
  lost: { tone: 'warn', words: 'Reconnecting' },
  offline: { tone: 'warn', words: 'Offline' },
  stopped: { tone: 'bad', words: 'Updates stopped' },
}

/** The badges: how updates arrive, and how long ago hours were stored. */
export function Freshness({ snapshot: { connection, watermark }, now }: { readonly snapshot: Snapshot; readonly now: Date }) {
  const { tone, words } = CONNECTIONS[connection]
  const isStale = watermark !== null && now.getTime() - watermark.getTime() > STALE_MS
  return (
    <span className={styles.badges} role="status">
      <Badge tone={tone}>{words}</Badge>
      {watermark === null ? (
        <Badge tone="warn" title="All numbers are read from the rows themselves">
          No rollup yet
        </Badge>
      ) : (
        <Badge tone={isStale ? 'warn' : 'quiet'} title="Whole hours up to then are stored; later rows are added as they come">
          {isStale ? 'Stale' : 'Fresh'}, last rollup {ago(watermark, now)}
        </Badge>
      )}
    </span>
  )
}

const AGREEMENTS: Record<Agreement, { readonly tone: 'good' | 'bad' | 'quiet'; readonly words: string }> = {
  agrees: { tone: 'good', words: 'Agrees with the server' },
  unchecked: { tone: 'quiet', words: 'Not compared since the last update' },
  differs: { tone: 'bad', words: 'Differs from the server' },
}

/** The digest of what the page holds. */
export function Digest({ digest, agreement }: { readonly digest: string; readonly agreement: Agreement }) {
  const { tone, words } = AGREEMENTS[agreement]
  return (
    <footer className={styles.digest} aria-label="Exactness">
      <Badge tone={tone} icon={tone === 'good' ? 'check' : 'alert'}>
        {words}
      </Badge>
      <code data-testid="digest">{digest}</code>
      <span>SHA-256 of the rollup that this page holds, and of the one that the server made from its rows.</span>
    </footer>
  )
}
