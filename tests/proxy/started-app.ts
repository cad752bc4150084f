import { startStrictBackend } from '../../packages/next/src/testing/strict-backend.ts'
import { exchange, type Received } from '../forward/raw-exchange.ts'
import { startRecordingApi } from '../forward/recording-api.ts'
import { buildSmallApp } from '../system/small-app.ts'

/** Starts a built app with the sessions of the strict backend, and an API that records requests. */
export async function startApp(
  title: string,
  files: Record<string, string>,
  before?: (folder: string) => Promise<void>,
) {
  const endings: (() => unknown)[] = []
  const later = (end: () => unknown) => void endings.unshift(end)
  const end = async () => {
    for (const one of endings) await one()
  }
  try {
    const backend = await startStrictBackend(later)
    const api = await startRecordingApi(later)
    const built = await buildSmallApp('tests/proxy', title, files, before)
    later(built.remove)
    /** Serves the same build again. `more` returns additional settings for the URL of the app. */
    async function serve(more: (url: string) => Record<string, string> = () => ({})) {
      const served = await built.serve((url) => ({
        BACKEND_URL: backend.url,
        API_URL: api.url,
        ...more(url),
      }))
      later(served.stop)
      return served
    }
    const { url, log } = await serve()

    /** Signs a user with these roles in, and returns the two cookies. */
    async function signIn(roles: string[] = ['member']): Promise<string> {
      backend.roles = roles
      const answer = await fetch(`${url}/api/auth/login`, {
        method: 'POST',
        headers: { origin: url, 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'ada@example.com', password: 'right' }),
      })
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
      return cookiesOf(answer.headers.getSetCookie())
    }

    /** Returns the cookies of a user whose access token has expired, and whose refresh token is valid. */
    async function signInOverdue(roles?: string[]): Promise<string> {
      const cookie = await signIn(roles)
      return cookie.replace(/accessToken=[^;]*;? ?/, '')
    }

    const ask = (path: string, headers: Record<string, string> = {}, method = 'GET', body?: string) =>
      exchange({ method, url: url + path, headers, ...(body !== undefined && { body: [body] }) })

    return { url, log, serve, backend, api, end, signIn, signInOverdue, ask }
  } catch (error) {
    await end()
    throw error
  }
}

export const cookiesOf = (lines: readonly string[]) => lines.map((line) => line.split(';', 1)[0]).join('; ')

/** The headers that browsers send with a click or a typed address. */
export const navigation = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

export const locationOf = ({ headers }: Received) => headers.location?.[0]
