/** The few icons, drawn with the colour and size of the text beside them; they say nothing to screen readers. */

const PATHS = {
  sun: 'M8 1.5v1.4M8 13.1v1.4M1.5 8h1.4M13.1 8h1.4M3.4 3.4l1 1M11.6 11.6l1 1M3.4 12.6l1-1M11.6 4.4l1-1M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6Z',
  moon: 'M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1Z',
  refresh: 'M13.2 8a5.2 5.2 0 1 1-1.6-3.8L13.2 5.7M13.2 2.4v3.3H9.9',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3.2 8.6l3 3 6.6-7',
  alert: 'M8 5v3.6M8 11.1v.1M8 1.8l6.4 11.4H1.6L8 1.8Z',
  up: 'M3 11l3.4-3.6 2.4 2.2L13 5M9.6 5H13v3.4',
  down: 'M3 5l3.4 3.6 2.4-2.2L13 11M9.6 11H13V7.6',
  flat: 'M3 8h10M10 5l3 3-3 3',
  leave: 'M6.5 2.5h-3v11h3M7 8h6.5M10.8 5.2 13.5 8l-2.7 2.8',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg width="1.15em" height="1.15em" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d={PATHS[name]} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
