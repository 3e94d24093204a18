/** The frame of all pages: language, type, and the theme before anything is painted. */
import type { Metadata, Viewport } from 'next'
import { GeistMono } from 'geist/font/mono'
import { GeistSans } from 'geist/font/sans'
import type { ReactNode } from 'react'
import { THEME_SCRIPT } from '@/components/theme'
import './globals.css'

/** In the page itself: browsers ask for an icon again whenever the address changes. */
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
  <rect x="4" y="17" width="6" height="11" rx="2" fill="#3f78c0"/>
  <rect x="13" y="4" width="6" height="24" rx="2" fill="#243c8a"/>
  <rect x="22" y="11" width="6" height="17" rx="2" fill="#3159ab"/>
</svg>`

export const metadata: Metadata = {
  title: { default: 'Chat telemetry', template: '%s · Chat telemetry' },
  description: 'Requests, cost, models and live chats, answered in the page from one exact rollup.',
  icons: { icon: `data:image/svg+xml,${encodeURIComponent(ICON)}` },
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f5f6f8' },
    { media: '(prefers-color-scheme: dark)', color: '#0b0e13' },
  ],
}

export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <head>
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body>{children}</body>
    </html>
  )
}
