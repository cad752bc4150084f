import type { BrowserContext } from 'playwright-core'
import { demoPassword, type System } from './system.ts'

export type Person = { email: string; password: string }

type Addresses = Pick<System, 'webUrl' | 'appUrl' | 'authUrl'>

/**
 * Creates a user that no other test uses. The user is a member and has no session. Works only in systems without verification of addresses.
 */
export async function newPerson({ authUrl }: Addresses, name = 'Pat Person'): Promise<Person> {
  const person = { email: `p-${crypto.randomUUID()}@example.com`, password: 'a password of some length' }
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${authUrl}/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return answer
  }
  const { refreshToken } = (await (
    await post('register', { ...person, name, transport: 'bearer' })
  ).json()) as { refreshToken: string }
  await post('logout', { refreshToken })
  return person
}

/** Returns one of the example's users. Tests must not change these users. */
export const demoPerson = (role: 'owner' | 'finance' | 'member'): Person => ({
  email: `${role}@example.com`,
  password: demoPassword,
})

/** Signs the browser in with one request to Next, as the sign-in form does, without opening a page. */
export async function signIn(
  context: BrowserContext,
  { webUrl, appUrl }: Addresses,
  { email, password }: Person,
  userAgent?: string,
): Promise<void> {
  const answer = await fetch(`${webUrl}/api/auth/login`, {
    method: 'POST',
    headers: {
      origin: appUrl,
      'content-type': 'application/json',
      ...(userAgent && { 'user-agent': userAgent }),
    },
    body: JSON.stringify({ email, password }),
  })
  if (!answer.ok) throw new Error(`The sign-in answered ${answer.status}: ${await answer.text()}`)
  await context.addCookies(answer.headers.getSetCookie().map((line) => cookieFrom(line, appUrl)))
}

/** Converts a line of `Set-Cookie` to Playwright's form. */
function cookieFrom(line: string, url: string) {
  const [pair = '', ...attributes] = line.split('; ')
  const [name = '', ...value] = pair.split('=')
  const read = (key: string) =>
    attributes.find((attribute) => attribute.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1)
  const has = (key: string) => attributes.some((attribute) => attribute.toLowerCase() === key)
  const maxAge = Number(read('max-age') ?? 0)
  return {
    name,
    value: value.join('='),
    url,
    httpOnly: has('httponly'),
    secure: has('secure'),
    sameSite: read('samesite')?.toLowerCase() === 'lax' ? ('Lax' as const) : ('Strict' as const),
    expires: Math.floor(Date.now() / 1000) + maxAge,
  }
}
