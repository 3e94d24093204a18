/** What the reader chooses: the range, one domain or all, and to load anew. */
import { useEffect, useId, useRef } from 'react'
import { RANGES } from '@/lib/client/range'
import type { Choice } from '@/lib/client/view'
import { Icon } from '../icon'
import styles from './controls.module.css'

interface ControlsProps {
  readonly choice: Choice
  readonly choose: (change: Partial<Choice>) => void
  /** Names to suggest. */
  readonly domains: readonly string[]
  readonly isLoading: boolean
  readonly reload: () => void
}

export function Controls({ choice, choose, domains, isLoading, reload }: ControlsProps) {
  return (
    <div className={styles.controls}>
      <fieldset className={styles.ranges}>
        <legend className="visually-hidden">Range</legend>
        {RANGES.map(({ key, label }) => (
          <label key={key} title={label}>
            <input type="radio" name="range" value={key} checked={choice.range === key} onChange={() => choose({ range: key, grain: null })} />
            <span aria-hidden="true">{key}</span>
            <span className="visually-hidden">{label}</span>
          </label>
        ))}
      </fieldset>
      <DomainFilter domain={choice.domain} domains={domains} choose={choose} />
      <button type="button" className={styles.refresh} onClick={reload} disabled={isLoading} aria-busy={isLoading}>
        <Icon name="refresh" />
        <span>Refresh</span>
      </button>
    </div>
  )
}

/** Free text with suggestions: whole names count, after Enter, on leaving, or when a suggestion is taken. */
function DomainFilter({ domain, domains, choose }: Pick<ControlsProps, 'domains' | 'choose'> & { readonly domain: string | null }) {
  const input = useRef<HTMLInputElement>(null)
  const list = useId()
  const take = (text: string): void => {
    const wanted = text.trim() === '' ? null : text.trim()
    if (wanted !== domain) choose({ domain: wanted })
  }
  useEffect(() => {
    // Back, forward and the list of domains choose as well.
    if (input.current !== null) input.current.value = domain ?? ''
  }, [domain])
  return (
    <div className={styles.filter}>
      <input
        ref={input}
        type="text"
        aria-label="Domain"
        placeholder="All domains"
        list={list}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={253}
        defaultValue={domain ?? ''}
        onInput={({ currentTarget }) => domains.includes(currentTarget.value) && take(currentTarget.value)}
        onBlur={({ currentTarget }) => take(currentTarget.value)}
        onKeyDown={({ key, currentTarget }) => key === 'Enter' && take(currentTarget.value)}
      />
      <datalist id={list}>
        {domains.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      {domain !== null && (
        <button type="button" aria-label="Clear the domain" title="Clear" onClick={() => choose({ domain: null })}>
          <Icon name="close" />
        </button>
      )}
    </div>
  )
}
