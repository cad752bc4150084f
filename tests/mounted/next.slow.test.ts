import { paths } from '@sallyport/protocol/endpoints'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testOptions, verifierSecret } from '../../packages/server/src/testing/sallyport.ts'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { startNextApp } from './next-app.ts'

const password = 'velvet harbour quilt seven'
const json = { 'content-type': 'application/json' }
const endings: (() => void | Promise<void>)[] = []
let app: Awaited<ReturnType<typeof startNextApp>>

beforeAll(async () => {
  app = await startNextApp({
    SALLYPORT_SECRET: testOptions.secret,
    SALLYPORT_AUDIENCE: testOptions.audience,
    SALLYPORT_ORIGINS: testOptions.origins,
    SALLYPORT_VERIFIER_SECRET: verifierSecret,
    SALLYPORT_FRONTEND_SECRET: 'none',
    SALLYPORT_EMAIL_VERIFICATION: 'off',
    DATA_DIR: temporaryFolder((ending) => endings.push(ending)),
  })
  endings.unshift(app.end)
}, 600_000)
afterAll(async () => {
  for (const ending of endings) await ending()
})

const ask = (path: string, init: RequestInit = {}) => fetch(app.url + path, init)
const post = (path: string, body: unknown, headers = {}) =>
  ask(path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) })
const signUp = async (email: string) => {
  const answer = await post(paths.signUp, { email, password, name: 'Ada', transport: 'bearer' })
  if (answer.status !== 200) throw new Error(`${answer.status}\n${app.log.join('\n')}`)
  return (await answer.json()) as { accessToken: string; refreshToken: string }
}

it('in a Next route handler: signs in, refreshes, and refuses tokens of ended sessions', async () => {
  await signUp('ada@example.com')
  const credentials = { email: 'ada@example.com', password, transport: 'bearer' }
  const { accessToken, refreshToken } = (await (await post(paths.signIn, credentials)).json()) as Record<
    string,
    string
  >
  const own = { authorization: `Bearer ${accessToken}` }
  expect(await (await ask(paths.readSession, { headers: own })).json()).toMatchObject({
    user: { email: 'ada@example.com' },
  })
  const body = JSON.stringify({ name: 'Ada L.' })
  const renamed = await ask(paths.readProfile, { method: 'PATCH', headers: { ...json, ...own }, body })
  expect(await renamed.json()).toMatchObject({ user: { name: 'Ada L.' } })
  expect((await post(paths.refresh, { refreshToken })).status).toBe(200)
  expect((await post(paths.signOut, { refreshToken })).status).toBeLessThan(300)
  expect((await ask(paths.readSession, { headers: own })).status).toBe(401)
})

it('in a Next route handler: sets all cookies, for its own origin only', async () => {
  const account = { email: 'eve@example.com', password, name: 'Eve' }
  const answer = await post(paths.signUp, account, { origin: testOptions.origins })
  expect(answer.headers.getSetCookie().filter((cookie) => /HttpOnly/.test(cookie)).length).toBeGreaterThan(1)
  expect((await post(paths.signIn, account, { origin: 'https://evil.example' })).status).toBe(403)
})

it('in a Next route handler: publishes keys, and reports sign-outs immediately', async () => {
  expect(await (await ask(paths.jwks)).json()).toMatchObject({ keys: [{ alg: 'ES256' }, {}] })
  expect(await (await ask(paths.metadata)).json()).toMatchObject({
    jwks_uri: expect.stringMatching(/\/\.well-known\/jwks\.json$/),
  })
  const { refreshToken } = await signUp('kim@example.com')
  const headers = { authorization: `Bearer ${verifierSecret}`, accept: 'text/event-stream' }
  const stream = await ask(paths.revocations, { headers })
  const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
  await post(paths.signOut, { refreshToken })
  let text = ''
  while (!text.includes('"sid"')) text += (await reader?.read())?.value ?? ''
  await reader?.cancel()
  expect(app.log.join('')).not.toContain('"fault"')
})
