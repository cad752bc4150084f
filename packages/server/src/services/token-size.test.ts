import { serializeCookie } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import {
  claimsOf,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
  testOptions,
} from '../testing/sallyport.ts'
import { freshStore, storeKinds } from '../testing/stores.ts'
import { maxAccessTokenBytes } from '../tokens/sign-access-token.ts'
import { tooLarge } from './token-size.ts'

const email = 'ada@example.com'
const many = (count: number, of = 'thing') => Array.from({ length: count }, (_, at) => `${of}-${at}:read`)
const chinese = (count: number) => Array.from({ length: count }, (_, at) => `财务主管第${at}组`)

async function userId(server: TestServer): Promise<string> {
  return (await server.sallyport.operator.users.find(email))?.id ?? ''
}

/** Returns why an operator's action was refused, or null. */
async function refusalOf(work: Promise<unknown>): Promise<string | null> {
  try {
    await work
    return null
  } catch (error) {
    const { refusal } = error as { refusal?: { details?: { errors?: { message: string }[] } } }
    return refusal?.details?.errors?.[0]?.message ?? `not a refusal: ${error}`
  }
}

describe('roles whose access token does not fit into a cookie are refused [S06]', () => {
  test.each([
    [
      'one role with 333 permissions',
      { editor: many(333) },
      /SALLYPORT_ROLES gives the role editor too many permissions/,
    ],
    [
      'permissions in Chinese, with three bytes for each character',
      { 编辑: chinese(200) },
      /the role 编辑 too many permissions/,
    ],
  ])('at the start: %s', async (_, rolePermissions, message) => {
    const refused = await startSallyport({ rolePermissions }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(TypeError)
    expect(String(refused)).toMatch(message)
    expect(String(refused)).toMatch(
      /would have [\d,]+ bytes, [\d,]+ more than the 3,800 that fit into a cookie/,
    )
  })

  test('at the start: default roles that fit alone but not together, and too many audiences', async () => {
    const rolePermissions = { reader: many(90, 'reader'), writer: many(90, 'writer') }
    await startSallyport({ rolePermissions })
    await expect(startSallyport({ rolePermissions, defaultRoles: 'reader,writer' })).rejects.toThrow(
      /SALLYPORT_DEFAULT_ROLES .* Largest of the roles: (?:reader|writer) \([\d,]+ bytes with 90 permissions\)/,
    )
    await expect(startSallyport({ audience: many(300) })).rejects.toThrow('SALLYPORT_AUDIENCE')
  })

  test('the message gives the number of bytes and the three largest roles', () => {
    const rolePermissions = {
      small: many(10),
      large: many(200, 'large'),
      tiny: many(1),
      medium: many(100, 'medium'),
    }
    const config = readConfig({ ...testOptions, rolePermissions })
    const why = tooLarge({ config }, Object.keys(rolePermissions)) ?? ''
    const [all, over, limit] = [...why.matchAll(/([\d,]+) (?:bytes, |more than|that fit)/g)].map(
      ([, number]) => Number(number?.replaceAll(',', '')),
    ) as [number, number, number]
    expect([limit, all - over]).toEqual([maxAccessTokenBytes, maxAccessTokenBytes])
    const bytes = (role: keyof typeof rolePermissions) =>
      JSON.stringify([role, ...rolePermissions[role]]).length.toLocaleString('en')
    expect(why).toContain(
      `Largest of the roles: large (${bytes('large')} bytes with 200 permissions), medium (${bytes('medium')} bytes with 100 permissions), small (${bytes('small')} bytes with 10 permissions).`,
    )
    const audiences = readConfig({ ...testOptions, rolePermissions: {}, audience: many(300) })
    expect(tooLarge({ config: audiences }, [])).toMatch(/that fit into a cookie\.$/)
  })

  test('many roles are accepted at the start if each fits alone', async () => {
    const rolePermissions = Object.fromEntries(
      Array.from({ length: 20 }, (_, at) => [`team-${at}`, many(40, `team-${at}`)]),
    )
    const server = await startSallyport({ rolePermissions })
    await server.addUser()
    const set = (roles: string[]) => refusalOf(server.sallyport.operator.users.setRoles('', roles))
    expect(await set(Object.keys(rolePermissions))).toContain('Largest of the roles: team-')
  })

  test('by set-roles, create and import, with the cause and the number of bytes', async () => {
    const server = await startSallyport({ rolePermissions: {} })
    await server.addUser()
    const id = await userId(server)
    const { users } = server.sallyport.operator
    for (const roles of [
      chinese(200),
      many(200, 'project'),
      Array.from({ length: 60 }, (_, at) => `${at}`.padEnd(64, 'x')),
    ]) {
      expect(await refusalOf(users.setRoles(id, roles))).toMatch(/bytes, [\d,]+ more than the 3,800/)
      const other = { email: 'other@example.com', password, name: 'Other', roles }
      expect(await refusalOf(users.create(other))).toMatch(/bytes, [\d,]+ more than the 3,800/)
      const [imported] = await users.import([{ email: 'third@example.com', roles }])
      expect(imported).toEqual({
        state: 'refused',
        reason: expect.stringMatching(/^roles: .* more than the 3,800/),
      })
    }
    expect((await users.find(email))?.roles).toEqual(['member'])
    expect(server.rows('user')).toHaveLength(1)
  })

  test('the longest accepted list of each kind can sign in, with cookies that every browser keeps', async () => {
    const lists = [chinese(200), many(120, 'team'), many(300, 'project'), many(200, '"quoted"\\')]
    const server = await startSallyport({
      rolePermissions: {
        member: many(20),
        ...Object.fromEntries(lists.flat().map((role) => [role, []])),
        ...Object.fromEntries(many(120, 'team').map((role) => [role, [`${role}:use`]])),
      },
    })
    await server.addUser()
    const id = await userId(server)
    const { users } = server.sallyport.operator
    for (const roles of lists) {
      let count = roles.length
      while ((await refusalOf(users.setRoles(id, roles.slice(0, count)))) !== null) count -= 1
      expect([count > 5, count < roles.length]).toEqual([true, true])
      const { accessToken } = await server.signIn()
      expect(claimsOf(accessToken).roles).toEqual(roles.slice(0, count))
      // Close to the limit but never over it.
      expect(accessToken.length).toBeGreaterThan(3_650)
      expect(accessToken.length).toBeLessThanOrEqual(maxAccessTokenBytes)
      expect((await server.browser().signIn()).status).toBe(200)
    }
  })

  test('with the longest name and all attributes, such a cookie is within 4,096 bytes', () => {
    const domain = `${'label.'.repeat(24)}example`
    const attributes = { secure: true, domain, maxAgeSeconds: 3_600 }
    const cookie = serializeCookie('__Secure-accessToken', 'x'.repeat(maxAccessTokenBytes), attributes)
    expect(Buffer.byteLength(cookie)).toBeLessThanOrEqual(4_096)
  })
})

describe.each(storeKinds)('stored users with too large roles, on %s [S06]', (kind) => {
  const before = { editor: many(20, 'editor'), finance: many(20, 'finance') }
  const after = { editor: many(90, 'editor'), finance: many(90, 'finance') }
  const large = (server: TestServer) =>
    server.logLines
      .filter((line) => line.includes('token too large'))
      .map((line) => JSON.parse(line) as object)

  async function restarted() {
    const store = await freshStore(kind)
    const first = await startSallyport({ ...store.options, rolePermissions: before })
    await first.addUser()
    await first.sallyport.operator.users.setRoles(await userId(first), ['editor', 'finance'])
    const tokens = await first.signIn()
    expect(claimsOf(tokens.accessToken).permissions).toHaveLength(40)
    return { store, first, tokens }
  }

  test('are logged at the start, and get tokens without permissions', async () => {
    const { store, tokens } = await restarted()
    const server = await startSallyport({ ...store.options, rolePermissions: after })
    expect(large(server)).toMatchObject([
      { roles: ['editor', 'finance'], users: 1, why: expect.stringContaining('more than the 3,800') },
    ])
    const renewed = await requireTokens(await server.refresh(tokens.refreshToken))
    for (const { accessToken } of [renewed, await server.signIn()]) {
      expect(accessToken.length).toBeLessThanOrEqual(maxAccessTokenBytes)
      expect(claimsOf(accessToken)).toMatchObject({ roles: ['editor', 'finance'] })
      expect(claimsOf(accessToken)).not.toHaveProperty('permissions')
    }
    expect(large(server)).toHaveLength(3)
    expect(large(server)[1]).toMatchObject({ leftOut: 'permissions' })
    // With the smaller roles, the permissions are back.
    const third = await startSallyport({ ...store.options, rolePermissions: before })
    expect(large(third)).toEqual([])
    expect(claimsOf((await third.signIn()).accessToken).permissions).toHaveLength(40)
  })

  test('cannot sign in if the role names alone are too long; no token is spent, and the log says why', async () => {
    const { store, tokens } = await restarted()
    await store.query(`update "user" set roles = '${JSON.stringify(['suspended', ...chinese(200)])}'`)
    const server = await startSallyport({ ...store.options, rolePermissions: before })
    expect(large(server)).toMatchObject([{ users: 1 }])
    const answer = await server.post(paths.signIn, { email, password, transport: 'bearer' })
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'unavailable' }])
    expect((await server.refresh(tokens.refreshToken)).status).toBe(503)
    expect(large(server)).toMatchObject([{}, { leftOut: null }, { leftOut: null }])
    expect(await store.query('select id from session')).toHaveLength(1)
    await server.sallyport.operator.users.setRoles(await userId(server), ['finance'])
    const next = await requireTokens(await server.refresh(tokens.refreshToken))
    expect(claimsOf(next.accessToken).roles).toEqual(['finance'])
  })
})

test('with a claims hook, roles that leave it little room are logged at the start', async () => {
  const rolePermissions = { small: many(2), large: many(100) }
  const server = await startSallyport({ rolePermissions }, undefined, { hooks: { claims: () => ({}) } })
  const warned = server.logLines.filter((line) => line.includes('little room'))
  expect(warned.map((line) => JSON.parse(line) as object)).toMatchObject([{ role: 'large' }])
})
