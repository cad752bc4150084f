import type { BrowserContext, Page } from 'playwright-core'
import { type Authenticator, authenticator } from '../../packages/server/src/testing/authenticator.ts'
import { fillSignIn } from '../system/browser.ts'
import type { Person } from '../system/people.ts'
import { accountPages, password } from './account-pages.ts'

export { password }

/** A user who has an authenticator app. */
export type ProtectedPerson = Person & { app: Authenticator }

/**
 * Gives a test file the example of `accountPages`, in which users with the role `finance` must have a second factor, and functions for
 * users who have one. `settings` are added to the environment of the auth server.
 */
export function authenticatorPages(settings: Record<string, string> = {}) {
  const pages = accountPages({ SALLYPORT_SECOND_FACTOR_ROLES: 'finance', ...settings })
  const { url, inDatabase, newPerson, newContext } = pages

  /** Sends a request of our pages in this browser, and returns the body of the answer. */
  async function send<T>(context: BrowserContext, path: string, data: object): Promise<T> {
    const answer = await context.request.post(url(path), {
      data,
      headers: { origin: new URL(url('/')).origin },
    })
    if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}: ${await answer.text()}`)
    return answer.json()
  }

  return {
    ...pages,

    /** Creates a user who must have a second factor, and sets one up without the pages. */
    async newProtectedPerson(email?: string): Promise<ProtectedPerson> {
      const person = await newPerson(['finance'], email)
      const context = await newContext({})
      await send(context, '/api/auth/login', person)
      const { id, secret } = await send<{ id: string; secret: string }>(
        context,
        '/api/auth/login/second-factor/setup',
        {},
      )
      const code = authenticator(secret).codeAt(Date.now())
      const { recoveryCodes } = await send<{ recoveryCodes: string[] }>(
        context,
        '/api/auth/login/second-factor/setup/confirm',
        { id, code },
      )
      await context.close()
      return { ...person, app: authenticator(secret, recoveryCodes) }
    },

    /** Returns the current code of the app. The auth server accepts it again, as if it had not been used before. */
    async freshCode({ email, app }: ProtectedPerson): Promise<string> {
      inDatabase('update totp set lastStep = -1 where userId = (select id from user where email = ?)', email)
      return app.codeAt(Date.now())
    },

    /** Opens the sign-in page and enters the password. The page for the second factor follows. */
    async enterPassword(page: Page, { email }: Person, returnTo = '/dashboard'): Promise<void> {
      await page.goto(url(`/login?returnTo=${encodeURIComponent(returnTo)}`))
      await fillSignIn(page, email, password)
      await page.waitForURL(url(`/login/second-factor?returnTo=${encodeURIComponent(returnTo)}`))
    },
  }
}
