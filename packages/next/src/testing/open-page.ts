import { createHandlers } from '../server/handlers.ts'
import type { Runtime } from '../session/runtime.ts'

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

/** Opens one of our own pages at `http://localhost:3000`, in a browser with these cookies. Scripts of the page call the handlers. */
export function openPage(runtime: Runtime, cookies: Record<string, string> = {}) {
  const handlers = createHandlers(() => runtime)
  let jar = cookies

  async function request(method: Method, path: string, init: RequestInit = {}): Promise<Response> {
    return handlers[method](
      new Request(`http://localhost:3000${path.startsWith('/') ? path : `/api/auth/${path}`}`, {
        method,
        ...init,
        headers: {
          origin: 'http://localhost:3000',
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/json',
          cookie: Object.entries(jar)
            .map((pair) => pair.join('='))
            .join('; '),
          ...init.headers,
        },
      }),
    )
  }

  /** Sends one request to `/api/auth/…`. If the path begins with a slash, it is sent to that path. */
  async function ask(method: Method, path: string, init: RequestInit = {}) {
    const response = await request(method, path, init)
    const set = response.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0]?.split('=') as [string, string])
      // This cookie is always set together with the tokens. session-cookies.test.ts tests it.
      .filter(([name]) => !name.endsWith('sallyport_session'))
    jar = Object.fromEntries(Object.entries({ ...jar, ...Object.fromEntries(set) }).filter(([, v]) => v))
    const body: unknown = response.status === 204 ? null : await response.json()
    return { status: response.status, body, headers: response.headers, set: set.map(([name]) => name) }
  }
  return { ask, request, jar: () => jar }
}
