/** The application as `next build` and `next start` make it, in a real Chromium. */
import { existsSync } from 'node:fs'
import { after, before, describe } from 'node:test'
import { type Application, openApplication } from './application'
import { testAccess } from './access'
import { testChanges } from './changes'
import { testChoices } from './choices'
import { testEdge } from './edge'
import { testLive } from './live'
import { testStates } from './states'

const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium'

describe('the built application', { skip: existsSync(chromium) ? false : `no Chromium at ${chromium}; CHROMIUM names another` }, () => {
  let application: Application
  before(async () => (application = await openApplication(6000)))
  after(() => application?.close())
  const now = (): Application => application

  testChoices(now)
  testLive(now)
  testStates(now)
  testAccess(now)
  testEdge(now)
  testChanges()
})
