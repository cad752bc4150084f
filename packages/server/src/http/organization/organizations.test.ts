import { accessTokenUrn, type Invitation, type MembersResponse, paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { type Answer, ofOrganization, rolePermissions, world } from '../../testing/organizations.ts'
import { bearer, claimsOf, password, startSallyport } from '../../testing/sallyport.ts'
import { storeKinds } from '../../testing/stores.ts'

describe.each(storeKinds)('on %s', (kind) => {
  test('the creator is the owner; other users see nothing of the organization', async () => {
    const { person, create, call, events } = await world(kind)
    const [ada, eve] = [await person('ada'), await person('eve')]
    const acme = await create(ada.token)
    expect(acme).toMatchObject({ name: 'Acme', roles: ['owner'], permissions: rolePermissions.owner })
    expect(acme.slug).toMatch(/^acme-[0-9a-f]{8}$/)
    const read = (token: string, name: string) => call(token, 'GET', ofOrganization(name))
    for (const name of [acme.id, acme.slug])
      expect((await read(ada.token, name)).body).toEqual({ organization: acme })
    const unknown = await read(eve.token, 'there-is-none')
    for (const name of [acme.id, acme.slug]) {
      const { status, body } = await read(eve.token, name)
      expect([status, body.code]).toEqual([unknown.status, unknown.body.code])
      expect(status).toBe(404)
    }
    const own = await call(ada.token, 'GET', paths.downloadData)
    expect(own.body.organizations).toEqual([{ id: acme.id, name: 'Acme', slug: acme.slug, roles: ['owner'] }])
    expect((await call(eve.token, 'GET', paths.listOrganizations)).body).toEqual({
      organizations: [],
      next: null,
    })
    expect(await events(acme.id)).toEqual(['organization_created'])
  })

  test('an address is unique, also a former one, which still leads to the organization', async () => {
    const { person, create, call } = await world(kind)
    const ada = await person('ada')
    const acme = await create(ada.token, 'Acme', 'acme')
    const change = (organization: string, body: object) =>
      call(ada.token, 'PATCH', ofOrganization(organization), body)
    expect(
      (await call(ada.token, 'POST', paths.createOrganization, { name: 'Other', slug: 'acme' })).body.code,
    ).toBe('slug_taken')
    expect((await change('acme', { slug: 'acme-two', name: 'Acme Two' })).body).toMatchObject({
      organization: { id: acme.id, slug: 'acme-two', name: 'Acme Two' },
    })
    expect((await call(ada.token, 'GET', ofOrganization('acme'))).body).toMatchObject({
      organization: { slug: 'acme-two' },
    })
    const other = await create(ada.token, 'Other', 'other')
    for (const slug of ['acme', 'acme-two'])
      expect((await change(other.id, { slug })).body.code).toBe('slug_taken')
    expect(
      (await call(ada.token, 'POST', paths.createOrganization, { name: 'New', slug: 'acme' })).body.code,
    ).toBe('slug_taken')
    // The organization itself can go back.
    expect((await change(acme.id, { slug: 'acme' })).body).toMatchObject({ organization: { slug: 'acme' } })
    expect((await call(ada.token, 'GET', ofOrganization('acme-two'))).body).toMatchObject({
      organization: { id: acme.id },
    })
    for (const slug of ['ab', 'Acme', '-acme', 'a--b', 'api', 'a'.repeat(49), 'a.b', acme.id])
      expect((await change(acme.id, { slug })).body.code, slug).toBe('invalid_request')
  })

  test('a token for an organization has its roles only, and no endpoint for users accepts it [G03]', async () => {
    const { person, create, join, trade, call, isActive, server } = await world(kind)
    const ada = await person('ada')
    const acme = await create(ada.token)
    const bob = await join(ada.token, acme.id, 'bob', ['finance'])
    const traded = await trade(bob.token, acme.slug)
    expect(traded).toMatchObject({
      status: 200,
      body: {
        token_type: 'Bearer',
        issued_token_type: accessTokenUrn,
        organization: { id: acme.id, slug: acme.slug },
      },
    })
    const token = traded.body.access_token as string
    expect(claimsOf(token)).toMatchObject({
      org: acme.id,
      org_ver: 0,
      sub: bob.id,
      // An API that does not know organizations refuses this audience, with any library.
      aud: ['billing-api/organization', 'billing-web/organization'],
      roles: ['finance'],
      permissions: rolePermissions.finance,
    })
    expect(claimsOf(bob.token)).not.toHaveProperty('org')
    expect(await isActive(token)).toBe(true)
    for (const [method, path] of [
      ['GET', paths.readSession],
      ['GET', paths.listOrganizations],
      ['DELETE', paths.listSessions],
      ['GET', ofOrganization(acme.id)],
    ] as const)
      expect((await call(token, method, path)).body.code, path).toBe('token_invalid')
    expect((await trade(token, acme.id)).body.code).toBe('token_invalid')
    // The session is still there.
    expect((await server.session(bob.token)).status).toBe(200)
    const eve = await person('eve')
    expect((await trade(eve.token, acme.id)).status).toBe(404)
  })

  test.each([
    ['a demotion', 'PATCH', (id: string) => `/members/${id}`, { roles: ['member'] }],
    ['a removal', 'DELETE', (id: string) => `/members/${id}`, undefined],
  ] as const)('%s refuses the tokens for the organization at once [G06]', async (_, method, end, body) => {
    const { person, create, join, trade, call, session, isActive } = await world(kind)
    const ada = await person('ada')
    const acme = await create(ada.token)
    const bob = await join(ada.token, acme.id, 'bob', ['finance'])
    const before = (await trade(bob.token, acme.id)).body.access_token as string
    const own = (await trade(ada.token, acme.id)).body.access_token as string
    expect((await call(ada.token, method, ofOrganization(acme.id, end(bob.id)), body)).status).toBeLessThan(
      300,
    )
    expect(await isActive(before)).toBe(false)
    expect(await isActive(own)).toBe(true)
    const again = await trade(await session(bob.email), acme.id)
    if (method === 'PATCH')
      expect(claimsOf(again.body.access_token as string)).toMatchObject({ roles: ['member'] })
    else expect(again.status).toBe(404)
  })

  test('a deletion refuses the tokens of all members at once, and can be cancelled by an owner [G06]', async () => {
    const { person, create, join, trade, call, isActive, server, store, events } = await world(kind)
    const ada = await person('ada')
    const acme = await create(ada.token)
    const bob = await join(ada.token, acme.id, 'bob')
    const tokens = await Promise.all(
      [ada, bob].map(async ({ token }) => (await trade(token, acme.id)).body.access_token as string),
    )
    expect((await call(bob.token, 'DELETE', ofOrganization(acme.id))).body.code).toBe('forbidden')
    const { status, body } = await call(ada.token, 'DELETE', ofOrganization(acme.id))
    expect([status, body.deleteAt]).toEqual([202, server.clock() - 1_000 + 14 * 86_400_000])
    for (const token of tokens) expect(await isActive(token)).toBe(false)
    expect((await trade(bob.token, acme.id)).status).toBe(404)
    expect((await call(bob.token, 'GET', ofOrganization(acme.id, '/members'))).status).toBe(404)
    expect((await call(bob.token, 'POST', ofOrganization(acme.id, '/keep'))).body.code).toBe('forbidden')
    expect((await call(ada.token, 'POST', ofOrganization(acme.id, '/keep'))).body).toMatchObject({
      organization: { deleteAt: null },
    })
    expect((await trade(bob.token, acme.id)).status).toBe(200)

    await call(ada.token, 'DELETE', ofOrganization(acme.id))
    server.clock.advance(14 * 86_400 - 60)
    await server.sallyport.upkeep()
    expect(await store.query('select id from organization')).toHaveLength(1)
    server.clock.advance(120)
    await server.sallyport.upkeep()
    expect(await store.query('select id from organization')).toEqual([])
    expect(await store.query('select "userId" from membership')).toEqual([])
    expect((await events(acme.id)).at(-1)).toBe('organization_deleted')
  })

  describe('nobody grants or takes more than they hold', () => {
    test('an admin manages members, but not those with more permissions [G04]', async () => {
      const { person, create, join, invite, call } = await world(kind)
      const ada = await person('ada')
      const acme = await create(ada.token)
      const admin = await join(ada.token, acme.id, 'admin', ['admin'])
      const finance = await join(ada.token, acme.id, 'fin', ['finance'])
      const member = await join(ada.token, acme.id, 'member')
      const at = (id: string) => ofOrganization(acme.id, `/members/${id}`)
      const code = async (answer: Promise<Answer>) => {
        const { status, body } = await answer
        return (body.code as string | undefined) ?? status
      }
      expect(await code(invite(admin.token, acme.id, 'new@example.com', ['finance']))).toBe('forbidden')
      expect(await code(invite(admin.token, acme.id, 'new@example.com', ['owner']))).toBe('forbidden')
      expect(await code(invite(admin.token, acme.id, 'new@example.com', ['admin']))).toBe(201)
      expect(await code(invite(admin.token, acme.id, 'new@example.com', ['nobody']))).toBe('invalid_request')
      expect(await code(call(admin.token, 'PATCH', at(member.id), { roles: ['finance'] }))).toBe('forbidden')
      expect(await code(call(admin.token, 'PATCH', at(admin.id), { roles: ['owner'] }))).toBe('forbidden')
      expect(await code(call(admin.token, 'PATCH', at(finance.id), { roles: ['member'] }))).toBe('forbidden')
      expect(await code(call(admin.token, 'DELETE', at(finance.id)))).toBe('forbidden')
      expect(await code(call(admin.token, 'DELETE', at(ada.id)))).toBe('forbidden')
      expect(await code(call(admin.token, 'PATCH', ofOrganization(acme.id), { name: 'Mine' }))).toBe(
        'forbidden',
      )
      expect(await code(call(admin.token, 'GET', ofOrganization(acme.id, '/activity')))).toBe('forbidden')
      expect(await code(call(member.token, 'DELETE', at(finance.id)))).toBe('forbidden')
      expect(await code(invite(member.token, acme.id, 'new@example.com'))).toBe('forbidden')
      expect(await code(call(admin.token, 'DELETE', at(member.id)))).toBe(204)
    })

    test('a member of one organization does nothing in another, with any id [G01]', async () => {
      const { person, create, join, invite, call } = await world(kind)
      const [ada, eve] = [await person('ada'), await person('eve')]
      const [acme, evil] = [await create(ada.token), await create(eve.token, 'Evil')]
      const bob = await join(ada.token, acme.id, 'bob')
      const invited = (await invite(ada.token, acme.id, 'carol@example.com')).body
        .invitation as unknown as Invitation
      for (const [method, end, body] of [
        ['PATCH', `/members/${bob.id}`, { roles: ['member'] }],
        ['DELETE', `/members/${bob.id}`],
        ['POST', `/invitations/${invited.id}/resend`],
        ['DELETE', `/invitations/${invited.id}`],
        ['POST', '/owner', { userId: bob.id }],
      ] as const) {
        expect((await call(eve.token, method, ofOrganization(evil.id, end), body)).status, end).toBe(404)
        expect((await call(eve.token, method, ofOrganization(acme.id, end), body)).status, end).toBe(404)
      }
    })
  })

  describe('an organization always has an owner', () => {
    test('the last one cannot leave, be removed or demoted [G04]', async () => {
      const { person, create, join, call } = await world(kind)
      const ada = await person('ada')
      const acme = await create(ada.token)
      const bob = await join(ada.token, acme.id, 'bob')
      const at = (id: string) => ofOrganization(acme.id, `/members/${id}`)
      const leave = (token: string) => call(token, 'POST', ofOrganization(acme.id, '/leave'))
      expect((await leave(ada.token)).body.code).toBe('last_owner')
      expect((await call(ada.token, 'DELETE', at(ada.id))).body.code).toBe('last_owner')
      expect((await call(ada.token, 'PATCH', at(ada.id), { roles: ['member'] })).body.code).toBe('last_owner')
      expect((await leave(bob.token)).status).toBe(204)
    })

    test('of two owners who leave at once, one stays [G04]', async () => {
      const { person, create, join, call, session, store } = await world(kind)
      const ada = await person('ada')
      const acme = await create(ada.token)
      const bob = await join(ada.token, acme.id, 'bob', ['owner'])
      const tokens = [await session(ada.email), await session(bob.email)]
      const left = await Promise.all(
        tokens.map((token) => call(token, 'POST', ofOrganization(acme.id, '/leave'))),
      )
      expect(left.map(({ status }) => status).sort()).toEqual([204, 409])
      expect(await store.query(`select "userId" from membership where "isOwner" = 1`)).toHaveLength(1)
    })

    test('the ownership is transferred to a member', async () => {
      const { person, create, join, call, session } = await world(kind)
      const ada = await person('ada')
      const acme = await create(ada.token)
      const bob = await join(ada.token, acme.id, 'bob', ['finance'])
      const give = (token: string, userId: string) =>
        call(token, 'POST', ofOrganization(acme.id, '/owner'), { userId })
      expect((await give(bob.token, bob.id)).body.code).toBe('forbidden')
      expect((await give(ada.token, 'nobody')).status).toBe(404)
      expect((await give(ada.token, bob.id)).status).toBe(204)
      const { body } = await call(await session(bob.email), 'GET', ofOrganization(acme.id, '/members'))
      const { members } = body as unknown as MembersResponse
      expect(members.map(({ email, roles }) => [email, roles])).toEqual([
        [ada.email, ['finance']],
        [bob.email, ['owner', 'finance']],
      ])
    })

    test('an owner whose account is to be deleted does not count', async () => {
      const { person, create, join, call, session } = await world(kind)
      const ada = await person('ada')
      const acme = await create(ada.token)
      const bob = await join(ada.token, acme.id, 'bob', ['owner'])
      const token = await session(ada.email)
      expect((await call(bob.token, 'DELETE', paths.deleteAccount, { password })).status).toBe(202)
      expect((await call(token, 'POST', ofOrganization(acme.id, '/leave'))).body.code).toBe('last_owner')
      expect((await call(token, 'DELETE', paths.deleteAccount, { password })).body.code).toBe('last_owner')
    })

    test('of two owners who delete their accounts at once, one stays', async () => {
      const { person, create, join, call, session } = await world(kind)
      const ada = await person('ada')
      const acme = await create(ada.token)
      const bob = await join(ada.token, acme.id, 'bob', ['owner'])
      const tokens = [await session(ada.email), await session(bob.email)]
      const asked = await Promise.all(
        tokens.map((token) => call(token, 'DELETE', paths.deleteAccount, { password })),
      )
      expect(asked.map(({ status }) => status).sort()).toEqual([202, 409])
    })

    test('the only owner cannot delete their account', async () => {
      const { person, create, call } = await world(kind)
      const ada = await person('ada')
      const acme = await create(ada.token)
      const remove = () => call(ada.token, 'DELETE', paths.deleteAccount, { password })
      expect((await remove()).body.code).toBe('last_owner')
      await call(ada.token, 'DELETE', ofOrganization(acme.id))
      expect((await remove()).status).toBe(202)
    })
  })

  describe('an invitation', () => {
    test('works once, for the user with its address [G05]', async () => {
      const { person, create, invite, call, secretTo, events } = await world(kind)
      const [ada, eve, bob] = [await person('ada'), await person('eve'), await person('bob')]
      const acme = await create(ada.token)
      expect((await invite(ada.token, acme.id, 'Bob@Example.com', ['finance'])).status).toBe(201)
      const token = await secretTo(bob.email)
      const describeIt = () => call('', 'POST', paths.describeInvitation, { token })
      expect((await describeIt()).body).toMatchObject({
        organization: { name: 'Acme' },
        email: bob.email,
        roles: ['finance'],
      })
      const accept = (by: string) => call(by, 'POST', paths.acceptInvitation, { token })
      expect((await accept(eve.token)).body.code).toBe('invitation_for_other')
      const both = await Promise.all([accept(bob.token), accept(bob.token)])
      expect(both.map(({ status }) => status).sort()).toEqual([200, 400])
      expect((await accept(bob.token)).body.code).toBe('link_invalid')
      expect((await describeIt()).body.code).toBe('link_invalid')
      expect((await invite(ada.token, acme.id, bob.email)).body.code).toBe('already_member')
      expect(await events(acme.id)).toEqual(['organization_created', 'member_invited', 'member_joined'])
    })

    test('is of no use after it expired, was revoked, replaced or sent again [G05]', async () => {
      const { server, person, create, invite, call, secretTo, session } = await world(kind)
      const [ada, bob] = [await person('ada'), await person('bob')]
      const acme = await create(ada.token)
      const accept = async (token: string, by = bob.token) =>
        (await call(by, 'POST', paths.acceptInvitation, { token })).body.code
      await invite(ada.token, acme.id, bob.email)
      const first = await secretTo(bob.email)
      const { id } = (await invite(ada.token, acme.id, bob.email)).body.invitation as unknown as Invitation
      const second = await secretTo(bob.email)
      expect(await accept(first)).toBe('link_invalid')
      await call(ada.token, 'POST', ofOrganization(acme.id, `/invitations/${id}/resend`))
      const third = await secretTo(bob.email)
      expect(new Set([first, second, third]).size).toBe(3)
      expect(await accept(second)).toBe('link_invalid')
      expect((await call(ada.token, 'GET', ofOrganization(acme.id, '/invitations'))).body).toMatchObject({
        invitations: [{ id, email: bob.email, roles: ['member'] }],
        next: null,
      })
      expect((await call(ada.token, 'DELETE', ofOrganization(acme.id, `/invitations/${id}`))).status).toBe(
        204,
      )
      expect(await accept(third)).toBe('link_invalid')
      await invite(ada.token, acme.id, bob.email)
      const fourth = await secretTo(bob.email)
      server.clock.advance(7 * 86_400 + 1)
      expect(await accept(fourth, await session(bob.email))).toBe('link_invalid')
    })

    test('is of no use if the person who invited may no longer grant its roles [G05]', async () => {
      const { person, create, join, invite, call, secretTo, session } = await world(kind)
      const ada = await person('ada')
      const acme = await create(ada.token)
      const admin = await join(ada.token, acme.id, 'admin', ['admin', 'finance'])
      const guests = [await person('gil'), await person('guy')]
      for (const { email } of guests) await invite(admin.token, acme.id, email, ['finance'])
      const [first, second] = await Promise.all(guests.map(({ email }) => secretTo(email)))
      const accept = async (by: string, token = '') =>
        (await call(by, 'POST', paths.acceptInvitation, { token })).body.code
      const at = ofOrganization(acme.id, `/members/${admin.id}`)
      await call(ada.token, 'PATCH', at, { roles: ['admin'] })
      expect(await accept(guests[0]?.token ?? '', first)).toBe('link_invalid')
      await call(ada.token, 'DELETE', at)
      expect(await accept(guests[1]?.token ?? '', second)).toBe('link_invalid')
      // An owner sends it again, and then it is theirs.
      const { body } = await call(ada.token, 'GET', ofOrganization(acme.id, '/invitations'))
      const { invitations } = body as unknown as { invitations: Invitation[] }
      const id = invitations.find(({ email }) => email === guests[0]?.email)?.id
      await call(ada.token, 'POST', ofOrganization(acme.id, `/invitations/${id}/resend`))
      expect(
        await accept(await session(guests[0]?.email ?? ''), await secretTo(guests[0]?.email ?? '')),
      ).toBeUndefined()
    })
  })

  test('an organization can demand two factors and a recent sign-in', async () => {
    const { server, person, create, join, call, trade, isActive } = await world(kind)
    const ada = await person('ada')
    const acme = await create(ada.token)
    const bob = await join(ada.token, acme.id, 'bob')
    const before = (await trade(bob.token, acme.id)).body.access_token as string
    const demand = (demands: object) => call(ada.token, 'PATCH', ofOrganization(acme.id), { demands })
    expect((await demand({ secondFactor: false, maxAgeSeconds: 600 })).status).toBe(200)
    expect(await isActive(before)).toBe(false)
    expect((await trade(bob.token, acme.id)).status).toBe(200)
    server.clock.advance(500)
    expect((await trade(bob.token, acme.id)).status).toBe(200)
    server.clock.advance(60)
    expect((await demand({ secondFactor: true, maxAgeSeconds: null })).status).toBe(200)
    for (const answer of [
      await trade(bob.token, acme.id),
      await call(bob.token, 'GET', ofOrganization(acme.id)),
      await call(ada.token, 'PATCH', ofOrganization(acme.id), { name: 'X' }),
    ])
      expect(answer.body).toMatchObject({ code: 'insufficient_user_authentication', acr: 'aal2' })
    // Everybody may leave.
    expect((await call(bob.token, 'POST', ofOrganization(acme.id, '/leave'))).status).toBe(204)
  })

  test('lists are in pages, and members are found by the beginning of their address', async () => {
    const { server, person, create, call, store } = await world(kind)
    const ada = await person('ada')
    const acme = await create(ada.token)
    const now = server.clock()
    const numbers = Array.from({ length: 120 }, (_, at) => String(at).padStart(3, '0'))
    await store.query(
      `insert into "user" (id, email, name, roles, version, "createdAt", "updatedAt") values ${numbers
        .map((at) => `('u${at}', 'm${at}@example.com', 'M', '[]', 0, ${now}, ${now})`)
        .join()}`,
    )
    await store.query(
      `insert into membership ("organizationId", "userId", roles, "isOwner", "createdAt", "updatedAt") values ${numbers
        .map((at) => `('${acme.id}', 'u${at}', '["member"]', 0, ${now}, ${now})`)
        .join()}`,
    )
    const all = async (query: string) => {
      const found: string[] = []
      for (let next: string | null = ''; next !== null; ) {
        const answer = await call(
          ada.token,
          'GET',
          ofOrganization(acme.id, `/members?${query}${next && `&after=${next}`}`),
        )
        expect(answer.status).toBe(200)
        const page = answer.body as unknown as MembersResponse
        expect(page.members.length).toBeLessThanOrEqual(50)
        found.push(...page.members.map(({ email }) => email))
        next = page.next
      }
      return found
    }
    expect((await all('')).sort()).toEqual([ada.email, ...numbers.map((at) => `m${at}@example.com`)].sort())
    expect(await all('search=m0')).toEqual(numbers.slice(0, 100).map((at) => `m${at}@example.com`))
    expect(await all('search=M11')).toEqual(numbers.slice(110, 120).map((at) => `m${at}@example.com`))
    expect(await all('search=%25')).toEqual([])
    const wrong = await call(ada.token, 'GET', ofOrganization(acme.id, '/members?after=x'))
    expect(wrong.body.code).toBe('invalid_request')
  })

  test('roles whose permissions do not fit into one token are refused', async () => {
    const many = (letter: string) => Array.from({ length: 60 }, (_, at) => `${letter.repeat(20)}:${at}`)
    const { person, create, invite } = await world(kind, {
      rolePermissions: { ...rolePermissions, other: many('a'), more: many('b') },
    })
    const ada = await person('ada')
    const acme = await create(ada.token)
    const { status, body } = await invite(ada.token, acme.id, 'bob@example.com', ['other', 'more'])
    expect([status, body.errors]).toEqual([
      400,
      [{ field: 'roles', message: expect.stringContaining('The access token would have') }],
    ])
  })

  test('admins read what happened; the page has no network addresses', async () => {
    const { person, create, join, call } = await world(kind)
    const ada = await person('ada')
    const acme = await create(ada.token)
    const bob = await join(ada.token, acme.id, 'bob')
    await call(ada.token, 'PATCH', ofOrganization(acme.id, `/members/${bob.id}`), { roles: ['finance'] })
    const { body } = await call(ada.token, 'GET', ofOrganization(acme.id, '/activity'))
    expect(body).toMatchObject({
      activity: [
        { action: 'member_roles_change', actor: ada.id, userId: bob.id, details: { roles: 'finance' } },
        { action: 'member_joined', actor: bob.id },
        { action: 'member_invited', actor: ada.id },
        { action: 'organization_created', actor: ada.id },
      ],
      next: null,
    })
    expect(JSON.stringify(body)).not.toContain('address')
  })
})

test('without the setting, there are no organizations', async () => {
  const server = await startSallyport()
  await server.addUser()
  const { accessToken } = await server.signIn()
  expect((await server.get(paths.listOrganizations, bearer(accessToken))).status).toBe(404)
  expect((await server.post(paths.tradeToken, {})).status).toBe(404)
})

test.each([
  [{ member: [] }, /needs the role owner/],
  [
    { owner: ['member:manage'] },
    /must have the permissions organization:manage, organization:delete, audit:read/,
  ],
])('the start fails if nobody could manage an organization', async (roles, message) => {
  const start = startSallyport({ organizations: 'on', rolePermissions: roles, defaultRoles: [] })
  await expect(start).rejects.toThrow(message)
})
