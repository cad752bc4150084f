import { demoPassword } from '../system/system.ts'

type Tokens = { accessToken: string; refreshToken: string }

/** Creates a mobile app as in docs/topologies.md. It stores both tokens, and renews them when the API responds with 401. */
export function createMobileApp(authUrl: string, apiUrl: string) {
  let tokens: Tokens | null = null
  let renewal: Promise<void> | null = null
  /** The cookies in all responses to the app. */
  const setCookies: string[] = []

  async function send(url: string, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(url, init)
    setCookies.push(...answer.headers.getSetCookie())
    return answer
  }

  const post = (path: string, body: object) =>
    send(authUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })

  async function renew(): Promise<void> {
    const answer = await post('/api/auth/refresh', { refreshToken: tokens?.refreshToken })
    const body = (await answer.json()) as Tokens & { code?: string }
    if (answer.ok) tokens = body
    else if (body.code === 'session_ended') tokens = null
  }

  const ask = (path: string) =>
    send(apiUrl + path, tokens ? { headers: { authorization: `Bearer ${tokens.accessToken}` } } : {})

  return {
    setCookies,
    get tokens() {
      return tokens
    },
    get isSignedIn() {
      return tokens !== null
    },
    /** Acts as if the response to its last refresh had been lost. */
    forgetSince(older: Tokens) {
      tokens = older
    },
    async signIn(email: string): Promise<number> {
      const answer = await post('/api/auth/login', { email, password: demoPassword, transport: 'bearer' })
      if (answer.ok) tokens = (await answer.json()) as Tokens
      return answer.status
    },
    renew,
    async get(path: string): Promise<number> {
      const answer = await ask(path)
      if (answer.status !== 401 || tokens === null) return answer.status
      renewal ??= renew().finally(() => {
        renewal = null
      })
      await renewal
      return tokens === null ? 401 : (await ask(path)).status
    },
    async signOut(): Promise<number> {
      const answer = await post('/api/auth/logout', { refreshToken: tokens?.refreshToken })
      tokens = null
      return answer.status
    },
  }
}
