/** Models, or domains, with their parts of all requests. */
import { duration, number, percent, short, usd } from '@/lib/client/format'
import type { Share } from '@/lib/client/shares'
import { Surface } from './surface'
import styles from './shares.module.css'

interface SharesProps {
  readonly title: string
  readonly of: 'Model' | 'Domain'
  readonly shares: readonly Share[]
  /** Makes names buttons that choose, and can be chosen again to choose none. */
  readonly choose?: (name: string | null) => void
  readonly chosen?: string | null
}

export function Shares({ title, of, shares, choose, chosen = null }: SharesProps) {
  return (
    <Surface title={title} aside={shares.length === 0 ? undefined : `${shares.length} ${of.toLowerCase()}${shares.length === 1 ? '' : 's'}`}>
      {shares.length === 0 ? (
        <p className={styles.none}>No requests in this range.</p>
      ) : (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{of}</th>
              <th scope="col">Requests</th>
              <th scope="col">Cost</th>
              <th scope="col" className={styles.wide}>Tokens</th>
              <th scope="col" className={styles.wide}>p95</th>
            </tr>
          </thead>
          <tbody>
            {shares.map((share) => (
              <Row key={share.name} share={share} choose={choose} isChosen={share.name === chosen} />
            ))}
          </tbody>
        </table>
      )}
    </Surface>
  )
}

interface RowProps {
  readonly share: Share
  readonly choose: SharesProps['choose']
  readonly isChosen: boolean
}

function Row({ share, choose, isChosen }: RowProps) {
  return (
    <tr className={isChosen ? styles.chosen : undefined}>
      <th scope="row">
        <span className={styles.name} title={share.name}>
          {choose === undefined ? (
            share.name
          ) : (
            <button type="button" aria-pressed={isChosen} onClick={() => choose(isChosen ? null : share.name)}>
              {share.name}
            </button>
          )}
        </span>
        <span className={styles.track} aria-hidden="true">
          <i style={{ width: `${share.share * 100}%` }} />
        </span>
      </th>
      <td>
        {number(share.requests)}
        <small>{percent(share.share)}</small>
      </td>
      <td>{usd(share.costUsd)}</td>
      <td className={styles.wide}>{short(share.tokens)}</td>
      <td className={styles.wide}>{duration(share.p95DurationMs)}</td>
    </tr>
  )
}
