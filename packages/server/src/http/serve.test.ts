import { type Endpoint, endpoints, paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readConfig } from '../config/config.ts'
import type { Context } from '../services/context.ts'
import { FlowError } from '../services/flow-error.ts'
import {
  bearer,
  metricsSecret,
  origin,
  startSallyport,
  testOptions,
  verifierSecret,
  withOrganizations,
} from '../testing/sallyport.ts'
import type { Exchange } from './exchange.ts'
import type { Handler } from './handler.ts'
import { textOf } from './light-answer.ts'
import { serve } from './serve.ts'

type Sent = [secret: string | null, from: string, query: string, body: string]
type Row = Endpoint & { name: string }
const rows: Row[] = Object.entries<Endpoint>(endpoints).map(([name, row]) => ({ ...row, name }))
const missing = {
  user: 'token_missing',
  verifier: 'client_unauthorized',
  monitor: 'client_unauthorized',
  frontend: 'frontend_refused',
}

async function start() {
  const server = await startSallyport({
    metricsSecret,
    developmentInbox: true,
    mailedSignIn: 'on',
    ...withOrganizations,
  })
  await server.addUser()
  const refusal = async (
    row: Row,
    headers: Record<string, string>,
    { query = '', body = 'no JSON' } = {},
  ) => {
    const path = row.path.replace(/\{\w+\}/g, 'x') + query
    const sent = row.method === 'GET' ? {} : { body }
    const answer = await server.fetch(path, { method: row.method, headers, ...sent })
    return ((await answer.json()) as { code: string }).code
  }
  return { server, refusal }
}

describe('the row of an endpoint decides what is checked, in a fixed order', () => {
  test.each(rows.filter(({ method }) => method !== 'GET'))(
    '$name refuses a foreign origin before anything else',
    async (row) => {
      const { refusal } = await start()
      expect(await refusal(row, { origin: 'https://evil.example' }, { query: '?a=b' })).toBe('origin_refused')
    },
  )

  test.each(rows.filter(({ access }) => access !== 'anybody'))(
    '$name refuses a caller without a credential before it reads query and body',
    async (row) => {
      const { refusal } = await start()
      expect(await refusal(row, { origin }, { query: '?a=b' })).toBe(
        missing[row.access as keyof typeof missing],
      )
    },
  )

  test('a bad query is refused before the body is read', async () => {
    const { server, refusal } = await start()
    const { accessToken } = await server.signIn()
    const row = { ...endpoints.endSessions, name: 'endSessions' }
    expect(await refusal(row, bearer(accessToken), { query: '?except=all' })).toBe('invalid_request')
  })

  test('a handler runs only after all checks, and gets what they have read', async () => {
    const row = {
      method: 'POST',
      path: '/made-up',
      summary: '',
      group: 'Verifying',
      access: 'verifier',
      query: { dry: { description: '', schema: z.literal('yes') } },
      request: z.strictObject({ amount: z.number() }),
      answers: { 201: { description: '', schema: z.object({ twice: z.number() }) } },
    } as const satisfies Endpoint
    const config = readConfig(testOptions)
    const seen: object[] = []
    const handler: Handler<typeof row> = ({ query, body }) => {
      seen.push({ query, body })
      return { twice: body.amount * 2 }
    }
    const route = serve(row, handler, config)
    const send = async (...[secret, from, query, body]: Sent) => {
      const headers = { 'content-type': 'application/json', origin: from }
      const request = new Request(`http://localhost/made-up${query}`, { method: 'POST', headers, body })
      const cookies = { accessToken: null, refreshToken: null, carried: false }
      return route({ request, config, cookies, bearer: secret } as Exchange, {} as Context)
    }
    const good: Sent = [verifierSecret, origin, '?dry=yes', '{"amount":1}']
    for (const [at, bad] of [null, 'https://evil.example', '?dry=no', '{"amount":"1"}'].entries())
      await expect(
        send(...(good.with(at, bad as string) as [string, string, string, string])),
      ).rejects.toThrow(FlowError)
    expect(seen).toEqual([])
    const answer = await send(...good)
    expect([answer.status, textOf(answer)]).toEqual([201, '{"twice":2}'])
    expect(seen).toEqual([{ query: { dry: 'yes' }, body: { amount: 1 } }])
  })
})

test('a token older than the last change of its user is stale, by bearer and by cookie, until it is renewed', async () => {
  const server = await startSallyport()
  await server.addUser()
  const browser = server.browser()
  await browser.signIn()
  const { accessToken } = await server.signIn()
  const both = async () => [await server.session(accessToken), await browser.get(paths.readSession)]
  expect((await both()).map(({ status }) => status)).toEqual([200, 200])
  // As another process does it, before this process has read the entry of the revocation log.
  server.execute('update user set version = version + 1')
  for (const answer of await both())
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'token_stale' }])
  await browser.post(paths.refresh)
  expect((await browser.get(paths.readSession)).status).toBe(200)
})
