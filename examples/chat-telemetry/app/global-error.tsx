/** The frame itself could not be made; nothing of the application can be relied on here. */
'use client'

export default function FrameFailure({ reset }: { readonly reset: () => void }) {
  return (
    <html lang="en">
      <body style={{ font: '16px/1.5 system-ui', padding: '16vh 24px', textAlign: 'center' }}>
        <title>Something went wrong · Chat telemetry</title>
        <h1>Something went wrong</h1>
        <button type="button" onClick={reset}>
          Try again
        </button>
      </body>
    </html>
  )
}
