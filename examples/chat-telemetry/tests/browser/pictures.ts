/**
 * The pictures of the README: `npm run pictures` writes docs/chat-telemetry/{light,dark,mobile}.png.
 *
 * The rows, the clock and the font are fixed, so that a picture changes only when the page does.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ROUTES } from '@/lib/contract'
import { openApplication } from './application'
import { look, ready } from './looking'

const FOLDER = join(import.meta.dirname, '../../../../docs/chat-telemetry')
const PICTURES = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 900 }, query: '?range=7d' },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 900 }, query: '?range=30d' },
  mobile: { colorScheme: 'light', viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, query: '?range=24h' },
} as const
const CHATS = [
  { sessionId: 'chat-5821', domain: 'help.northwind.example', model: 'gpt-4.1', iterations: 3, inputTokens: 2140, outputTokens: 410 },
  { sessionId: 'chat-5830', domain: 'shop.northwind.example', model: 'gpt-5-mini', iterations: 1, inputTokens: 880, outputTokens: 120 },
  { sessionId: 'chat-5834', domain: 'help.northwind.example', model: 'gpt-5-mini', iterations: 2, inputTokens: 1320, outputTokens: 205 },
]

const application = await openApplication(40_000)
try {
  await mkdir(FOLDER, { recursive: true })
  const headers = { cookie: await application.cookie('northwind'), 'content-type': 'application/json' }
  for (const chat of CHATS) {
    await fetch(application.address + ROUTES.sessions, { method: 'POST', headers, body: JSON.stringify(chat) })
  }
  for (const [name, { query, ...options }] of Object.entries(PICTURES)) {
    await look(application, `/dashboard/telemetry${query}`, { ...options, reducedMotion: 'reduce' }, async (looking) => {
      await ready(looking)
      await looking.page.evaluate(() => document.fonts.ready)
      const path = join(FOLDER, `${name}.png`)
      await looking.page.screenshot({ path, fullPage: name !== 'mobile' })
      console.log(path)
    })
  }
} finally {
  await application.close()
}
