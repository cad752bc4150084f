import { expect, test } from 'vitest'
import { persons, secrets, serverSecrets, walkThroughEverything } from './testing/walk.ts'

// ASVS 14.2.1, 16.2.5; R13: every flow has been gone through with marked secrets; nothing may keep or tell them.

type Walk = Awaited<ReturnType<typeof walkThroughEverything>>
const passwords = Object.values(secrets)
const names = Object.values(persons)

/** A token's text whole, its two ends, and the last part of a JWT: none may turn up, whole or cut. */
function piecesOf(token: string): string[] {
  return [token, token.slice(0, 40), token.slice(-40), token.split('.').at(-1) ?? token]
}

/** Everything that opens something. */
function keysOf({ tokens, links, devices }: Walk): string[] {
  return [
    ...passwords,
    ...serverSecrets,
    ...tokens.flatMap(piecesOf),
    ...[...links.keys(), ...devices].flatMap(piecesOf),
  ]
}

function expectNone(text: string, canaries: readonly string[]): void {
  for (const canary of canaries) expect(text).not.toContain(canary)
}

test('the walk has been where it should', async () => {
  const walk = await walkThroughEverything()
  expect(walk.tokens.length).toBeGreaterThan(12)
  expect(walk.links.size).toBe(5)
  expect(walk.devices.length).toBeGreaterThan(0)
  expect(walk.refusals.length).toBeGreaterThan(25)
  for (const table of [
    'audit_event',
    'known_device',
    'mail',
    'one_time_token',
    'session',
    'throttle',
    'user',
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
    'password_change',
    'password_reset',
    'password_reset_asked',
    'reauthentication',
    'refresh_reuse',
    'sign_in',
    'sign_out',
    'sign_up',
  ])
    expect(actions, action).toContain(action)
})

test('R13, ASVS 16.2.5: no secret and no person turns up in a log line', async () => {
  const walk = await walkThroughEverything()
  const { logLines } = walk.server
  const log = logLines.join('')
  expect(logLines.length).toBeGreaterThan(60)
  expect(log).toContain('"fault"')
  expectNone(log, [...keysOf(walk), ...names])
  for (const line of logLines) expect(line).toMatch(/^\{.*\}\n$/)
})

test('a refused refresh token out of turn is seen in the log, by its session', async () => {
  const { server } = await walkThroughEverything()
  const events = server.logLines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(events.filter(({ reason }) => reason === 'reuse')).toEqual([
    expect.objectContaining({ level: 40, code: 'session_ended', sessionId: expect.any(String) }),
  ])
})

test('R13, ASVS 16.5.1: no refusal gives back a secret, or tells of the inside', async () => {
  const walk = await walkThroughEverything()
  for (const { path, status, text } of walk.refusals) {
    const where = `${status} ${path.slice(0, 30)}`
    for (const canary of [...keysOf(walk), ...names]) expect(text, where).not.toContain(canary)
    expect(text, where).not.toMatch(/\bat \S+ \(|node_modules|\.ts:\d|select |insert |SQLITE/)
  }
})

test('R13: no secret, no person and no id turns up in the metrics', async () => {
  const walk = await walkThroughEverything()
  const { metrics, rows } = walk
  expect(metrics).toContain('sallyport_refresh_total{outcome="reuse"} 1')
  const ids = [...(rows.user ?? []), ...(rows.session ?? [])].map(({ id }) => String(id))
  expect(ids.length).toBeGreaterThan(4)
  expectNone(metrics, [...keysOf(walk), ...names, 'canary', ...ids])
})

test('S14, ASVS 11.4.2, 14.2.4: no table holds a password, a token, a mailed secret, a device or a secret of the server', async () => {
  const walk = await walkThroughEverything()
  const stored = JSON.stringify(walk.rows)
  expect(stored).toContain(persons.newEmail)
  expectNone(stored, keysOf(walk))
  expect(walk.rows.credential).toMatchObject([{ secret: expect.stringMatching(/^\$argon2id\$v=19\$/) }])
  expect(stored).not.toMatch(/"d\\?":/)
})

test('P03: a mail holds the one secret that was made for whoever reads it, and names nobody else', async () => {
  const walk = await walkThroughEverything()
  expect(walk.mails.length).toBeGreaterThan(8)
  const addresses = [persons.email, persons.newEmail, persons.waiting]
  for (const { to, subject, text, html } of walk.mails) {
    const mail = `${subject}\n${text}\n${html}`
    expectNone(mail, [...passwords, ...serverSecrets, ...walk.tokens.flatMap(piecesOf), ...walk.devices])
    const held = new Set([...text.matchAll(/#token=([\w-]+)/g)].map(([, secret = '']) => secret))
    expect(held.size, subject).toBeLessThanOrEqual(1)
    for (const secret of held) expect(walk.links.get(secret), subject).toBe(to)
    // The old address is told of the new one.
    const others = addresses.filter((address) => address !== to && mail.includes(address))
    expect(others, subject).toEqual(
      /address is to be changed|address was changed/.test(subject) ? [persons.newEmail] : [],
    )
  }
})
