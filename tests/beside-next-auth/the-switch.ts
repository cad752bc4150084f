import { describe, expect, it } from 'vitest'
import { cookieOf, fillSignIn } from '../system/browser.ts'
import { demoPassword } from '../system/system.ts'
import {
  cookieName,
  cookieNames,
  expectSignedIn,
  firstInvoice,
  type Person,
  pathOf,
  putToken,
  sessionIdOf,
  signIn,
  textOf,
  tokenOf,
} from './people.ts'
import { type Stage, startElsewhere } from './stage.ts'

/** Defines the tests of docs/migrate-from-next-auth.md. They use the builds and processes of the calling file. */
export function describeTheSwitch(stage: () => Stage): void {
  describe('the move from NextAuth to the SDK, with the same users and sessions', () => {
    const unmoved = (person: Person) => expectSignedIn(person, stage().migratedUrl)
    async function moved({ page }: Person): Promise<void> {
      await page.goto(`${stage().migratedUrl}/invoices`)
      expect(pathOf(page)).toBe('/invoices')
      await firstInvoice(page)
    }
    const isOver = async ({ page }: Person, path: string) => {
      await page.goto(stage().migratedUrl + path)
      return pathOf(page) === '/login'
    }
    const sidOf = async ({ context }: Person) =>
      sessionIdOf((await cookieOf(context, 'accessToken'))?.value ?? '')

    it('users of NextAuth stay signed in, and our cookies replace NextAuth’s', async () => {
      const person = await signIn(stage().browser, stage().besideUrl)
      const id = sessionIdOf((await tokenOf(person)).accessToken)
      await unmoved(person)
      const names = await cookieNames(person)
      expect(names).toEqual(expect.arrayContaining(['accessToken', 'refreshToken']))
      expect(names).not.toContain(cookieName)
      expect(await sidOf(person)).toBe(id)
      await moved(person)
      // NextAuth's own useSession, on a page that was not migrated.
      await unmoved(person)
      await person.page.getByText('owner@example.com owner').waitFor()
      const told = (await textOf(person.page, '/api/next-auth/session')) + (await person.page.content())
      for (const name of ['accessToken', 'refreshToken'] as const)
        expect(told).not.toContain((await cookieOf(person.context, name))?.value)
      // The session is renewed automatically, on a page that was migrated and on a page that was not.
      stage().sessions.passGrace()
      for (const visit of [unmoved, moved]) {
        await person.context.clearCookies({ name: 'accessToken' })
        await visit(person)
      }
      expect(stage().sessions.row(id)).toMatchObject({ generation: 3, endReason: null })
      await person.context.close()
    })

    it('ten parallel page requests convert the session once [R02]', async () => {
      const person = await signIn(stage().browser, stage().besideUrl)
      const { accessToken } = await tokenOf(person)
      const asked = await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          person.context.request.get(`${stage().migratedUrl}${at % 2 ? '/invoices' : '/dashboard'}`),
        ),
      )
      for (const answer of asked) expect(await answer.text()).toContain('INV-20')
      expect(stage().sessions.row(sessionIdOf(accessToken))).toMatchObject({ generation: 1, endReason: null })
      await moved(person)
      await person.context.close()
    })

    it('nobody is signed out if the auth server does not respond meanwhile [R10]', async () => {
      const person = await signIn(stage().browser, stage().besideUrl)
      stage().hop.fate = ({ path }) => (path === '/api/auth/refresh' ? 'loseAnswer' : 'deliver')
      await person.page.goto(`${stage().migratedUrl}/invoices`)
      expect(await cookieNames(person)).toContain(cookieName)
      stage().hop.fate = () => 'deliver'
      stage().sessions.passGrace()
      await moved(person)
      expect(await cookieNames(person)).not.toContain(cookieName)
      await person.context.close()
    })

    it('a NextAuth cookie is not used on a first hop, without our cookies', async () => {
      const person = await signIn(stage().browser, stage().besideUrl)
      const old = await tokenOf(person)
      await moved(person)
      await putToken(person, stage().migratedUrl, old)
      // Refresh once more, so that the token that remains is two rotations old. If that token were used, the session would end.
      await person.context.clearCookies({ name: 'accessToken' })
      await moved(person)
      const elsewhere = await startElsewhere(`${stage().migratedUrl}/invoices`)
      await person.page.goto(elsewhere.url)
      await person.page.locator('a').click()
      await firstInvoice(person.page)
      expect(stage().sessions.row(await sidOf(person))).toMatchObject({ generation: 2, endReason: null })
      elsewhere.close()
      await person.context.close()
    })

    it('an ended session, or one without our token, is not converted', async () => {
      const person = await signIn(stage().browser, stage().besideUrl)
      const { accessToken, refreshToken, ...before } = await tokenOf(person)
      await stage().operator.sessions.revoke(sessionIdOf(accessToken))
      expect(await isOver(person, '/invoices')).toBe(true)
      expect(await cookieNames(person)).not.toContain(cookieName)
      await putToken(person, stage().migratedUrl, before)
      expect(await isOver(person, '/dashboard')).toBe(true)
      await person.context.close()
    })

    it('sign-ins, sign-outs and actions of an operator apply to both kinds of page', async () => {
      const person = await signIn(stage().browser, stage().migratedUrl, { email: 'finance@example.com' })
      await unmoved(person)
      await moved(person)
      await person.page.goto(`${stage().migratedUrl}/dashboard`)
      await person.page.getByRole('button', { name: 'Sign out' }).click()
      await person.page.waitForURL(`${stage().migratedUrl}/login`)
      expect([await isOver(person, '/dashboard'), await isOver(person, '/invoices')]).toEqual([true, true])

      await fillSignIn(person.page, 'finance@example.com', demoPassword)
      await person.page.waitForURL((to) => to.pathname !== '/login')
      await stage().operator.sessions.revoke(await sidOf(person))
      await expect.poll(() => isOver(person, '/dashboard')).toBe(true)
      expect(await isOver(person, '/invoices')).toBe(true)
      await person.context.close()
    })
  })
}
