import { onTestFinished } from 'vitest'
import { password, verifierSecret } from './sallyport-command.ts'

export type Tokens = { accessToken: string; refreshToken: string }
type Revocation = { sid?: string; sub?: string; kid?: string; minVersion?: number }

/** Returns functions that call a server like a client and a verifier. */
export function clientOf(url: string) {
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const tokensOf = async (answer: Response): Promise<Tokens> => {
    if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as Tokens
  }
  return {
    login: (email: string, userAgent = 'Firefox') =>
      post('/api/auth/login', { email, password, transport: 'bearer' }, { 'user-agent': userAgent }),
    signIn: async (email: string, userAgent?: string) =>
      tokensOf(await clientOf(url).login(email, userAgent)),
    tryRefresh: ({ refreshToken }: Tokens) => post('/api/auth/refresh', { refreshToken }),
    refresh: async (tokens: Tokens) => tokensOf(await clientOf(url).tryRefresh(tokens)),
    async isActive({ accessToken }: Tokens): Promise<boolean> {
      const answer = await post('/api/auth/introspect', { token: accessToken }, verifier)
      return ((await answer.json()) as { active: boolean }).active
    },
    async publishedKids(): Promise<string[]> {
      const answer = await fetch(`${url}/.well-known/jwks.json`)
      return ((await answer.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
    },
    /** Reads the revocation stream. Resolves after the snapshot. */
    async follow() {
      const stopping = new AbortController()
      onTestFinished(() => stopping.abort())
      const answer = await fetch(`${url}/api/auth/revocations`, {
        headers: verifier,
        signal: stopping.signal,
      })
      if (answer.body === null) throw new Error('The stream has no body.')
      const events = eventsOf(answer.body)
      for (;;) if ((await events.next()).value?.event === 'snapshot') break
      return {
        /** Returns the next revocation. Heartbeats are ignored. */
        async next(): Promise<Revocation> {
          const { value } = await events.next()
          if (value === undefined) throw new Error('The stream has ended.')
          return JSON.parse(value.data) as Revocation
        },
      }
    },
  }
}

const verifier = { authorization: `Bearer ${verifierSecret}` }

async function* eventsOf(body: ReadableStream<Uint8Array>) {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end)
      text = text.slice(end + 2)
      const data = /^data: (.*)$/m.exec(event)?.[1]
      if (data !== undefined) yield { event: /^event: (.*)$/m.exec(event)?.[1], data }
    }
  }
}

/** Decodes a part of a token without verifying it. */
export function partOf({ accessToken }: Tokens, at: 0 | 1): Record<string, unknown> {
  return JSON.parse(Buffer.from(accessToken.split('.')[at] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >
}
