/**
 * What the reader chose, which the address of the page holds: `?range=30d&domain=shop.example&grain=hour`.
 *
 * The one idea: choosing rewrites the address and asks the server nothing; back, forward and bookmarks work. The
 * address is read here, not through the router, which would show a choice only after a transition.
 */
import { useCallback, useMemo, useSyncExternalStore } from 'react'
import { RANGES, rangeNamed } from '@/lib/client/range'
import type { Choice } from '@/lib/client/view'

const USUAL_RANGE = '7d'
const CHOSEN = 'telemetry-chosen'

/** A choice, how to change it, and what in the address makes no sense. */
export interface ChoiceInAddress {
  readonly choice: Choice
  readonly choose: (change: Partial<Choice>) => void
  readonly problem: string | null
}

/** The choice that the address holds; `served` is its query as the server saw it. */
export function useChoice(served: string): ChoiceInAddress {
  const query = useSyncExternalStore(subscribe, () => window.location.search, () => served)
  const range = useMemo(() => new URLSearchParams(query).get('range'), [query])
  const choice = useMemo(() => choiceOf(query), [query])
  const choose = useCallback((change: Partial<Choice>) => {
    // with the state that is there Next.js leaves the address alone, instead of rendering all routes for it first
    window.history.pushState(window.history.state, '', addressOf({ ...choiceOf(window.location.search), ...change }))
    window.dispatchEvent(new Event(CHOSEN))
  }, [])
  return { choice, choose, problem: range === null || rangeNamed(range) !== undefined ? null : noRange(range) }
}

function subscribe(listener: () => void): () => void {
  for (const event of [CHOSEN, 'popstate']) window.addEventListener(event, listener)
  return () => {
    for (const event of [CHOSEN, 'popstate']) window.removeEventListener(event, listener)
  }
}

function choiceOf(query: string): Choice {
  const search = new URLSearchParams(query)
  const [domain, grain] = [search.get('domain'), search.get('grain')]
  return {
    range: rangeNamed(search.get('range')) ?? USUAL_RANGE,
    domain: domain === null || domain.trim() === '' ? null : domain.trim(),
    grain: grain === 'hour' || grain === 'day' ? grain : null,
  }
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
