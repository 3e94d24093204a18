/** Server-sent events of one page: what its ledger and its sessions tell. */
import type { Ledger, LedgerEvent } from './ledger'
import type { Sessions } from './sessions'

/** Proxies end connections that are silent for longer. */
const HEARTBEAT_MS = 15_000

/** The stream of an organisation from a cursor on; it ends after a reset, and with the request. */
export function eventStream(ledger: Ledger, sessions: Sessions, organization: string, cursor: string, signal: AbortSignal): Response {
  let stop = (): void => undefined
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const encoder = new TextEncoder()
      const send = (text: string): void => controller.enqueue(encoder.encode(text))
      const tellSessions = (): void => send(frame('sessions', sessions.live(organization)))
      const tell = (event: LedgerEvent): void => {
        send(`id: ${event.id}\n${frame(event.type, event.data)}`)
        if (event.type === 'reset') end()
      }
      const heartbeat = setInterval(() => {
        send(': alive\n\n')
        // chats that fell silent are told of here
        tellSessions()
      }, HEARTBEAT_MS)
      const unsubscribe = ledger.subscribe(tell)
      const unsubscribeSessions = sessions.subscribe((whose) => whose === organization && tellSessions())
      stop = () => {
        clearInterval(heartbeat)
        unsubscribe()
        unsubscribeSessions()
      }
      const end = (): void => {
        stop()
        controller.close()
      }
      signal.addEventListener('abort', () => stop())
      tellSessions()
      // subscribed before, and nothing happens in between: no event is missed or told twice
      for (const event of ledger.since(cursor)) tell(event)
    },
    cancel: () => stop(),
  })
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  })
}

function frame(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
}
