import { expect, test } from 'vitest'
import { persons, secrets, serverSecrets, walkThroughEverything } from './testing/walk.ts'

// Every flow is run with marked secrets. No log line, response, metric or table may contain them.

type Walk = Awaited<ReturnType<typeof walkThroughEverything>>
const passwords = Object.values(secrets)
const names = Object.values(persons)

/** The whole token, its beginning and end, and the signature of a JWT: none may appear, not even a part. */
function piecesOf(token: string): string[] {
  return [token, token.slice(0, 40), token.slice(-40), token.split('.').at(-1) ?? token]
}

/** All secrets that give access to something. */
function keysOf({ tokens, links, devices, factors, passkeys, provider }: Walk): string[] {
  return [
    ...passwords,
    ...serverSecrets,
    ...tokens.flatMap(piecesOf),
    ...[...links.keys(), ...devices].flatMap(piecesOf),
    ...factors,
    ...passkeys,
    ...provider.flatMap(piecesOf),
  ]
}

function expectNone(text: string, canaries: readonly string[]): void {
  for (const canary of canaries) expect(text).not.toContain(canary)
}

test('the walk through the flows reaches every table and every action', async () => {
  const walk = await walkThroughEverything()
  expect(walk.tokens.length).toBeGreaterThan(12)
  // Six links of other mails, and the link and the handle of three requests for a mailed code.
  expect(walk.links.size).toBe(12)
  expect(walk.codes).toHaveLength(3)
  expect(walk.devices.length).toBeGreaterThan(0)
  // Three apps and twenty recovery codes, each with and without dashes.
  expect(walk.factors.length).toBe(43)
  // Five challenges, two handles, and eleven parts of six signed answers: two of them answer the same challenge.
  expect(walk.passkeys).toHaveLength(18)
  // The client secret; state, handle, nonce, code, verifier and tokens of five sign-ins at the provider; tokens of refreshes.
  expect(walk.provider.length).toBeGreaterThan(30)
  expect(walk.refusals.length).toBeGreaterThan(25)
  for (const table of [
    'audit_event',
    'identity',
    'known_device',
    'mail',
    'mailed_sign_in',
    'one_time_token',
    'passkey',
    'pending_sign_in',
    'provider_start',
    'provider_token',
    'recovery_code',
    'session',
    'throttle',
    'totp',
    'user',
    'webauthn_challenge',
  ])
    expect(walk.rows[table]?.length, table).toBeGreaterThan(0)
  const actions = new Set(walk.rows.audit_event?.map(({ action }) => action))
  for (const action of [
    'address_change',
    'address_change_asked',
    'address_verification_asked',
    'address_verified',
    'account_deletion_asked',
    'data_download',
    'identity_linked',
    'identity_unlinked',
    'passkey_added',
    'passkey_removed',
    'passkey_renamed',
    'password_change',
    'password_reset',
    'password_reset_asked',
    'reauthentication',
    'recovery_code_used',
    'recovery_codes_made',
    'refresh_reuse',
    'second_factor_added',
    'second_factor_removed',
    'second_factor_renamed',
    'sign_in',
    'sign_in_mail_asked',
    'sign_out',
    'sign_up',
    'trusted_browsers_forgotten',
  ])
    expect(actions, action).toContain(action)
})

test('no log line contains a secret or a name of a person [R13, ASVS 16.2.5]', async () => {
  const walk = await walkThroughEverything()
  const { logLines } = walk.server
  const log = logLines.join('')
  expect(logLines.length).toBeGreaterThan(60)
  expect(log).toContain('"fault"')
  expect(log).toContain('"provider token not revoked"')
  expectNone(log, [...keysOf(walk), ...names])
  for (const line of logLines) expect(line).toMatch(/^\{.*\}\n$/)
})

test('the log shows a reused refresh token, with its session', async () => {
  const { server } = await walkThroughEverything()
  const events = server.logLines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(events.filter(({ reason }) => reason === 'reuse')).toEqual([
    expect.objectContaining({ level: 40, code: 'session_ended', sessionId: expect.any(String) }),
  ])
})

test('no error response contains a secret or internals of the server [R13, ASVS 16.5.1]', async () => {
  const walk = await walkThroughEverything()
  for (const { path, status, text } of walk.refusals) {
    const where = `${status} ${path.slice(0, 30)}`
    for (const canary of [...keysOf(walk), ...names]) expect(text, where).not.toContain(canary)
    expect(text, where).not.toMatch(/\bat \S+ \(|node_modules|\.ts:\d|select |insert |SQLITE/)
  }
})

test('the metrics contain no secret, name or id [R13]', async () => {
  const walk = await walkThroughEverything()
  const { metrics, rows } = walk
  expect(metrics).toContain('sallyport_refresh_total{outcome="reuse"} 1')
  const ids = [...(rows.user ?? []), ...(rows.session ?? [])].map(({ id }) => String(id))
  expect(ids.length).toBeGreaterThan(4)
  expectNone(metrics, [...keysOf(walk), ...names, 'canary', ...ids])
})

test('no table holds a password, a token, a mailed secret, a device cookie or a secret of the server [S14, ASVS 11.4.2, 14.2.4]', async () => {
  const walk = await walkThroughEverything()
  const stored = JSON.stringify(walk.rows)
  expect(stored).toContain(persons.newEmail)
  expectNone(stored, keysOf(walk))
  expect(walk.rows.credential).toMatchObject([{ secret: expect.stringMatching(/^\$argon2id\$v=19\$/) }])
  expect(stored).not.toMatch(/"d\\?":/)
  for (const code of walk.codes) expect(stored).not.toContain(`"${code}"`)
})

test('a mail holds only the secret made for its recipient, and no other address [P03]', async () => {
  const walk = await walkThroughEverything()
  expect(walk.mails.length).toBeGreaterThan(8)
  const addresses = [persons.email, persons.newEmail, persons.waiting]
  for (const { to, subject, text, html } of walk.mails) {
    const mail = `${subject}\n${text}\n${html}`
    expectNone(mail, [
      ...passwords,
      ...serverSecrets,
      ...walk.tokens.flatMap(piecesOf),
      ...walk.devices,
      ...walk.factors,
      ...walk.passkeys,
      ...walk.provider.flatMap(piecesOf),
    ])
    const held = new Set([...text.matchAll(/#token=([\w-]+)/g)].map(([, secret = '']) => secret))
    expect(held.size, subject).toBeLessThanOrEqual(1)
    for (const secret of held) expect(walk.links.get(secret), subject).toBe(to)
    // The mail to the old address names the new one.
    const others = addresses.filter((address) => address !== to && mail.includes(address))
    expect(others, subject).toEqual(
      /address is to be changed|address was changed/.test(subject) ? [persons.newEmail] : [],
    )
  }
})
