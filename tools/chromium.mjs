/**
 * A real headless Chromium: the one that `CHROMIUM` names, else Debian's.
 *
 * The one idea: every page is opened in the same way, in a fresh profile that is gone afterwards.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Runs `work(browser)`, where `browser` is a persistent context of `chromium`, playwright-core's; returns what it does.
 *
 * Errors: no browser where it is looked for.
 */
export async function whileOpen(chromium, work) {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(executablePath)) throw new Error(`no browser at ${executablePath}: apt-get install chromium, or set CHROMIUM`)
  const profile = mkdtempSync(join(tmpdir(), 'isofold-chromium-'))
  try {
    const browser = await chromium.launchPersistentContext(profile, { executablePath, headless: true, args: FLAGS })
    try {
      return await work(browser)
    } finally {
      await browser.close()
    }
  } finally {
    rmSync(profile, { recursive: true, force: true })
  }
}
