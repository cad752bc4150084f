import { paths } from '@sallyport/protocol/endpoints'
import { readConfig } from '../config/config.ts'
import { type CustomIssuerOptions, customIssuer } from '../config/custom-issuer.ts'
import { runtimeFor } from '../session/runtime.ts'
import { openPage } from './open-page.ts'
import { startStrictBackend } from './strict-backend.ts'

/** Returns the options of a `customIssuer` for the strict backend. Every token is introspected. */
export const optionsFor = (url: string): CustomIssuerOptions => ({
  url,
  login: ({ email, password }, send) => send('POST', '/login', { username: email, password }),
  refresh: (refreshToken, send) => send('POST', '/refresh', { refreshToken }),
  logout: (refreshToken, send) => send('POST', '/logout', { refreshToken }),
  tokens: ({ body }) => ({ accessToken: body.accessToken, refreshToken: body.refreshToken }),
  access: {
    introspect: (accessToken, send) => send('GET', '/me', undefined, { accessToken }),
    rememberSeconds: 0,
  },
  principal: ({ id, roles }) => ({ userId: id, roles }),
  profile: (accessToken, send) => send('GET', '/me', undefined, { accessToken }),
})

/** The options that differ from {@link optionsFor}. If an option is `undefined`, it is left out. */
export type Changes = { [Name in keyof CustomIssuerOptions]?: CustomIssuerOptions[Name] | undefined }

/** Starts a strict backend, pages that use it, and a browser without cookies. */
export async function startCustom(changes: Changes = {}, apiUrl?: string) {
  const backend = await startStrictBackend()
  const entries = Object.entries({ ...optionsFor(backend.url), ...changes })
  const options = Object.fromEntries(entries.filter(([, value]) => value)) as CustomIssuerOptions
  const config = readConfig(
    {
      issuer: customIssuer(options),
      app: 'http://localhost:3000',
      api: apiUrl ?? backend.url,
      apiPaths: ['/things'],
      trustedProxyHops: 1,
      serverTimeoutSeconds: 2,
    },
    {},
  )
  const runtime = runtimeFor(config)
  const open = (cookies?: Record<string, string>) => {
    const page = openPage(runtime, cookies)
    const signIn = (password = 'right') =>
      page.ask('POST', paths.signIn, { body: JSON.stringify({ email: 'ada@example.com', password }) })
    const principal = async () => {
      const { status, body } = await page.ask('GET', paths.readSession)
      return status === 200 ? (body as { principal: { roles: string[] } | null }).principal : status
    }
    return { ...page, signIn, principal }
  }
  return { backend, config, runtime, open, page: open() }
}
