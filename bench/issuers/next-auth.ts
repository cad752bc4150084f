import type { LoadRequest } from '../measure/load.ts'
import { cookieHeader, people } from './people.ts'

/** Signs all users in at a NextAuth app. Returns a request for each user, with the cookies of the session, as a browser sends it. */
export async function nextAuthCallers(appUrl: string): Promise<LoadRequest[]> {
  const callers: LoadRequest[] = []
  for (const { email, password } of people) {
    const form = await fetch(`${appUrl}/api/auth/csrf`)
    const { csrfToken } = (await form.json()) as { csrfToken: string }
    const answer = await fetch(`${appUrl}/api/auth/callback/credentials`, {
      method: 'POST',
      headers: { cookie: cookieHeader([form]) },
      body: new URLSearchParams({ csrfToken, email, password, json: 'true' }),
      redirect: 'manual',
    })
    const cookie = cookieHeader([form, answer])
    if (!cookie.includes('session-token'))
      throw new Error(`NextAuth answered ${answer.status}, and no session.`)
    callers.push({ headers: { cookie } })
  }
  return callers
}
