import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import { launchBrowser } from '../system/browser.ts'
import { type RunningExample, runningExample } from '../system/example/running-example.ts'
import { triesWithoutSession } from './without-session.ts'

// The same with `proxy.ts` removed: proxy-removed.slow.test.ts.
describe('with proxy.ts', () => {
  let system: RunningExample
  let browser: Browser
  beforeAll(async () => {
    ;[system, browser] = await Promise.all([runningExample(), launchBrowser()])
  })
  afterAll(() => browser?.close())

  triesWithoutSession(
    () => system,
    () => browser,
  )
})
