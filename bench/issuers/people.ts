import { type BearerTokens, bearerTokensSchema, paths } from '@sallyport/protocol/endpoints'

export type Person = { email: string; password: string; name: string }

/** The users who take turns at every measured endpoint. */
export const people: readonly Person[] = Array.from({ length: 50 }, (_, index) => ({
  email: `person-${index}@example.com`,
  password: `open the second door ${index}`,
  name: `Person ${index}`,
}))

/** Signs all users up at the auth server. */
export async function signUpEverybody(authUrl: string): Promise<void> {
  for (const person of people) await post(authUrl + paths.signUp, { ...person, transport: 'bearer' })
}

/** Signs all users in at the auth server, as bearer clients. Returns their new tokens. */
export async function signInEverybody(authUrl: string): Promise<BearerTokens[]> {
  const tokens: BearerTokens[] = []
  for (const person of people) tokens.push(await signIn(authUrl, person))
  return tokens
}

/** Signs one user in, with a new session each time. */
export async function signIn(authUrl: string, { email, password }: Person): Promise<BearerTokens> {
  const answer = await post(authUrl + paths.signIn, { email, password, transport: 'bearer' })
  return bearerTokensSchema.parse(await answer.json())
}

/** Posts JSON. Throws if the response is not a success. `origin` is the header that browsers send. Bearer clients do not send it. */
export async function post(url: string, body: unknown, origin?: string): Promise<Response> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(origin && { origin }) },
    body: JSON.stringify(body),
    redirect: 'manual',
  })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return answer
}

/** Returns a `Cookie` header with the cookies that the responses set. */
export function cookieHeader(answers: readonly Response[]): string {
  const cookies = new Map<string, string>()
  for (const answer of answers) {
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      cookies.set(pair.slice(0, pair.indexOf('=')), pair)
    }
  }
  return [...cookies.values()].join('; ')
}
