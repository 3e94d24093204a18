/** The store of an open dashboard, as React sees it. */
import { useEffect, useState, useSyncExternalStore } from 'react'
import { type Snapshot, TelemetryStore } from '@/lib/client/store'

/** What is known now, and the store that knows it. */
export function useTelemetry(): { readonly store: TelemetryStore; readonly snapshot: Snapshot } {
  const [store] = useState(() => new TelemetryStore())
  useEffect(() => store.open(), [store])
  return { store, snapshot: useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot) }
}
