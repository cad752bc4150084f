import { headers as headerNames, paths } from '@sallyport/protocol'
import { expect, test } from 'vitest'
import {
  bearer,
  frontendSecret,
  metricsSecret,
  origin,
  requireTokens,
  startSallyport,
  testOptions,
  verifierSecret,
} from './testing/sallyport.ts'

const email = 'canary-address@example.com'
const password = 'canary password of the day'
const wrongPassword = 'canary password of another'
const address = '203.0.113.77'
const userAgent = 'canary-agent/1.0'

/** Goes through every flow, well and badly, and collects what is secret on the way. */
async function goThroughEverything() {
  const server = await startSallyport({ metricsSecret })
  const front = {
    [headerNames.frontendCredential]: frontendSecret,
    [headerNames.clientAddress]: address,
    [headerNames.clientUserAgent]: userAgent,
  }
  const tokens: string[] = []
  const keep = async (answer: Response) => {
    const issued = await requireTokens(answer)
    tokens.push(issued.accessToken, issued.refreshToken)
    return issued
  }
  const account = { email, password, transport: 'bearer' }
  await keep(await server.post(paths.register, { ...account, name: 'Canary' }, front))
  await server.post(paths.register, { ...account, name: 'Canary' }, front)
  const first = await keep(await server.post(paths.login, account, front))
  await server.post(paths.login, { ...account, password: wrongPassword }, front)
  await server.post(paths.login, { ...account, email: `${email}.nowhere` })
  await server.post(paths.login, { ...account, [email]: password })
  const second = await keep(await server.refresh(first.refreshToken))
  await server.get(`${paths.session}?token=${second.accessToken}&email=${email}`, bearer(second.accessToken))
  await server.get(`/${second.refreshToken}/${email}`)
  await server.introspect(second.accessToken)
  await server.introspect(`${second.accessToken}x`)
  await server.session(`${second.accessToken}x`)
  await server.fetch(paths.profile, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', ...bearer(second.accessToken) },
    body: JSON.stringify({ name: 'Renamed', password }),
  })
  await (await server.get(paths.revocations, bearer(verifierSecret))).body?.cancel()
  const browser = server.browser()
  await browser.post(paths.login, { email, password })
  tokens.push(...browser.jar.values())
  await browser.post(paths.refresh)
  tokens.push(...browser.jar.values())
  await browser.get(paths.session)
  const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  await server.post(paths.refresh, {}, { cookie: `${cookie}; ${cookie}`, origin })
  await server.post(paths.refresh, {}, { cookie, origin: 'https://evil.example' })
  await keep(await server.refresh(second.refreshToken))
  await server.refresh(first.refreshToken)
  await browser.post(paths.logout)
  const rows = Object.fromEntries(
    ['user', 'credential', 'session', 'signing_key', 'revocation'].map((table) => [
      table,
      server.rows(table),
    ]),
  )
  await server.get(paths.metrics, bearer(`${metricsSecret}x`))
  await server.get(`${paths.metrics}?token=${metricsSecret}`)
  const metrics = await (await server.get(paths.metrics, bearer(metricsSecret))).text()
  await server.sallyport.close()
  await server.refresh(second.refreshToken)
  await server.post(paths.login, account, front)
  return { server, tokens: [...new Set(tokens)], rows, metrics }
}

const serverSecrets = [testOptions.secret, frontendSecret, verifierSecret, metricsSecret]

/** Both halves of a token's text, and the last part of a JWT: none may turn up, whole or cut. */
function piecesOf(token: string): string[] {
  return [token, token.slice(0, 40), token.slice(-40), token.split('.').at(-1) ?? token]
}

test('no secret and no person turns up in a log line (R13, D07)', async () => {
  const { server, tokens } = await goThroughEverything()
  const log = server.logLines.join('')
  expect(server.logLines.length).toBeGreaterThan(20)
  expect(log).toContain('"fault"')
  const secrets = [password, wrongPassword, ...serverSecrets]
  const persons = [email, 'Canary', 'Renamed', address, userAgent]
  for (const canary of [...secrets, ...persons, ...tokens.flatMap(piecesOf)])
    expect(log).not.toContain(canary)
  for (const line of server.logLines) expect(line).toMatch(/^\{.*\}\n$/)
})

test('a refused refresh token out of turn is seen in the log, by its session', async () => {
  const { server } = await goThroughEverything()
  const events = server.logLines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(events.filter(({ reason }) => reason === 'reuse')).toEqual([
    expect.objectContaining({ level: 40, code: 'session_ended', sessionId: expect.any(String) }),
  ])
})

test('no secret, no person and no id turns up in the metrics (R13, D07)', async () => {
  const { metrics, tokens, rows } = await goThroughEverything()
  expect(metrics).toContain('sallyport_refresh_total{outcome="reuse"} 1')
  const persons = [email, 'canary', 'Canary', 'Renamed', address]
  const ids = [...(rows.user ?? []), ...(rows.session ?? [])].map(({ id }) => String(id))
  expect(ids.length).toBeGreaterThan(3)
  const secrets = [password, wrongPassword, ...serverSecrets]
  for (const canary of [...secrets, ...persons, ...ids, ...tokens.flatMap(piecesOf)])
    expect(metrics).not.toContain(canary)
})

test('the database holds no token, no password and no secret of the server (R13, S14)', async () => {
  const { tokens, rows } = await goThroughEverything()
  const stored = JSON.stringify(rows)
  expect(stored).toContain(email)
  const secrets = [password, wrongPassword, ...serverSecrets]
  for (const canary of [...secrets, ...tokens.flatMap(piecesOf)]) expect(stored).not.toContain(canary)
  expect(rows.credential).toMatchObject([{ secret: expect.stringMatching(/^\$argon2id\$v=19\$/) }])
  expect(stored).not.toMatch(/"d\\?":/)
})
