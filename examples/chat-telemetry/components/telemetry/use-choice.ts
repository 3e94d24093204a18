/**
 * What the reader chose, which the address of the page holds: `?range=30d&domain=shop.example&grain=hour`.
 *
 * The one idea: choosing rewrites the address and asks the server nothing; back, forward and bookmarks work.
 */
import { useSearchParams } from 'next/navigation'
import { useCallback, useMemo } from 'react'
import { RANGES, rangeNamed } from '@/lib/client/range'
import type { Choice } from '@/lib/client/view'

const USUAL_RANGE = '7d'

/** A choice, how to change it, and what in the address makes no sense. */
export interface ChoiceInAddress {
  readonly choice: Choice
  readonly choose: (change: Partial<Choice>) => void
  readonly problem: string | null
}

export function useChoice(): ChoiceInAddress {
  const search = useSearchParams()
  const [range, domain, grain] = [search.get('range'), search.get('domain'), search.get('grain')]
  const choice = useMemo(
    (): Choice => ({
      range: rangeNamed(range) ?? USUAL_RANGE,
      domain: domain === null || domain === '' ? null : domain,
      grain: grain === 'hour' || grain === 'day' ? grain : null,
    }),
    [range, domain, grain],
  )
  const choose = useCallback((change: Partial<Choice>) => window.history.pushState(null, '', addressOf({ ...choice, ...change })), [choice])
  return { choice, choose, problem: range === null || rangeNamed(range) !== undefined ? null : noRange(range) }
}

function addressOf({ range, domain, grain }: Choice): string {
  const search = new URLSearchParams({ range })
  if (domain !== null) search.set('domain', domain)
  if (grain !== null) search.set('grain', grain)
  return `?${search}`
}

function noRange(name: string): string {
  return `There is no range “${name.slice(0, 40)}”. There are ${RANGES.map(({ key }) => key).join(', ')}; shown are 7 days.`
}
