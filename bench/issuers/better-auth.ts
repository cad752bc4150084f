import type { LoadRequest } from '../measure/load.ts'
import { cookieHeader, people, post } from './people.ts'

/** Signs all users up at a Better Auth server. Returns a request for each user, with the cookies of the session, as a browser sends it. */
export async function betterAuthCallers(authUrl: string): Promise<LoadRequest[]> {
  const callers: LoadRequest[] = []
  for (const person of people) {
    const answer = await post(`${authUrl}/sign-up/email`, person, new URL(authUrl).origin)
    callers.push({ headers: { cookie: cookieHeader([answer]) } })
  }
  return callers
}
