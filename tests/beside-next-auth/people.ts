import { createRequire } from 'node:module'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { expect } from 'vitest'
import { fillSignIn } from '../system/browser.ts'
import { demoPassword } from '../system/system.ts'

type JWT = Record<string, unknown>
type Tokens = JWT & { accessToken: string; refreshToken: string }

// This is not an import, because NextAuth's types import Next's types, which change the type of `process.env` for the whole project.
const { decode, encode } = createRequire(import.meta.url)('next-auth/jwt') as {
  decode(from: { token: string; secret: string }): Promise<JWT | null>
  encode(from: { token: JWT; secret: string }): Promise<string>
}

export const cookieName = 'next-auth.session-token'
export const secret = crypto.randomUUID()

/** A user with their own browser, signed in on the page of one of the apps. */
export type Person = { context: BrowserContext; page: Page }

export async function signIn(
  browser: Browser,
  url: string,
  { email = 'owner@example.com', headers = {} }: { email?: string; headers?: Record<string, string> } = {},
): Promise<Person> {
  const context = await browser.newContext({ extraHTTPHeaders: headers })
  const page = await context.newPage()
  await page.goto(`${url}/login`)
  await fillSignIn(page, email, demoPassword)
  await page.waitForURL(`${url}/dashboard`)
  await seesItself(page)
  return { context, page }
}

/** Waits for the response to NextAuth's `useSession`, which writes the cookie. After that, NextAuth does not overwrite a test's cookie. */
export const seesItself = (page: Page) => page.getByText(/^\w+@example\.com \w+$/).waitFor()

export const firstInvoice = (page: Page) =>
  page
    .getByText(/INV-20/)
    .first()
    .waitFor()

export const cookieNames = async ({ context }: Pick<Person, 'context'>) =>
  (await context.cookies()).map(({ name }) => name)

/** Returns the content of NextAuth's encrypted cookie. */
export async function tokenOf({ context }: Pick<Person, 'context'>): Promise<Tokens> {
  const cookie = (await context.cookies()).find(({ name }) => name === cookieName)
  const token = await decode({ token: cookie?.value ?? '', secret })
  if (token === null) throw new Error('NextAuth has no session.')
  return token as Tokens
}

/** Writes a token into NextAuth's cookie, as a late response or the passing of time would. */
export async function putToken({ context }: Person, url: string, token: JWT): Promise<void> {
  await context.addCookies([
    { name: cookieName, value: await encode({ token, secret }), url, httpOnly: true, sameSite: 'Lax' },
  ])
}

/** Makes the access token invalid and due for renewal. After that, the next request can succeed only by a refresh. */
export async function spoilAccessToken(person: Person, url: string): Promise<void> {
  await putToken(person, url, { ...(await tokenOf(person)), accessToken: 'expired', renewAt: 0 })
}

export const sessionIdOf = (accessToken: string): string =>
  (JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid

/** Opens the auth server's database, to read and change sessions. */
export function openSessions(dataDir: string) {
  const database = new Database(join(dataDir, 'sallyport.db'), { timeout: 5_000 })
  return {
    /** Moves the last refresh a minute into the past, so that the grace period is over. */
    passGrace: () => void database.prepare('update session set openedAt = openedAt - 60000').run(),
    row: (id: string) =>
      database.prepare('select generation, branches, endReason from session where id = ?').get(id),
    close: () => database.close(),
  }
}

export const pathOf = (page: Page) => new URL(page.url()).pathname

export const textOf = (page: Page, path: string, headers: Record<string, string> = {}) =>
  page.evaluate(
    ([to, sent]) => fetch(to, { headers: sent, cache: 'no-store' }).then((answer) => answer.text()),
    [path, headers] as const,
  )

/** Expects that the protected page is shown, with data of the API. */
export async function expectSignedIn({ page }: Pick<Person, 'page'>, url: string): Promise<void> {
  await page.goto(`${url}/dashboard`)
  expect(pathOf(page)).toBe('/dashboard')
  await page.getByRole('heading', { name: /^Hello / }).waitFor()
  await firstInvoice(page)
  await seesItself(page)
}
