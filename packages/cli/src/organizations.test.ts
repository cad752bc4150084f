import { describe, expect, test } from 'vitest'
import { organizationPermissions } from '../../protocol/src/index.ts'
import { freshStore, storeKinds } from '../../server/src/testing/stores.ts'
import { serveInProcess } from './testing/in-process.ts'
import { clientOf, partOf, type Tokens } from './testing/running-server.ts'
import { commandOn, settingsOf } from './testing/sallyport-command.ts'

const roles = { owner: [...organizationPermissions, 'report:read'], finance: ['report:read'], member: [] }

describe.each(storeKinds)('sallyport organizations beside a running server on %s', (kind) => {
  /** A server with two users. Ada is the owner of the organization `acme`. */
  async function running() {
    const store = await freshStore(kind)
    const env = settingsOf(store, {
      SALLYPORT_ORGANIZATIONS: 'on',
      SALLYPORT_ROLES: JSON.stringify(roles),
    })
    const { url } = await serveInProcess(env)
    const command = commandOn(env)
    const ada = await command.createUser('ada@example.com')
    const bob = await command.createUser('bob@example.com')
    const client = clientOf(url)
    const ofAda = await client.signIn('ada@example.com')
    const ask = async (path: string, { accessToken }: Tokens, body: object) => {
      const answer = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
        body: JSON.stringify(body),
      })
      return { status: answer.status, body: await answer.json() }
    }
    const made = await ask('/api/auth/organizations', ofAda, { name: 'Acme', slug: 'acme' })
    const { id } = made.body.organization as { id: string }
    /** Exchanges a session for a token of the organization. */
    const trade = async (tokens: Tokens) => {
      const { status, body } = await ask('/api/auth/token', tokens, {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: tokens.accessToken,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        organization: 'acme',
      })
      return { status, accessToken: body.access_token as string, refreshToken: '' }
    }
    const actions = async () => {
      const events = await store.query<{ action: string; actor: string | null }>(
        `select action, actor from audit_event where "organizationId" = '${id}' order by at, id`,
      )
      return events.filter(({ actor }) => actor === 'operator').map(({ action }) => action)
    }
    return { store, client, id, ada, bob, trade, actions, ...command }
  }

  test('list and members print tables and JSON', async () => {
    const { id, ada, text, json, run } = await running()
    expect(await json('organizations list')).toEqual([
      { id, slug: 'acme', name: 'Acme', createdAt: expect.stringMatching(/Z$/), deleteAt: null },
    ])
    const [header, row] = (await text('organizations list')).split('\n')
    expect(header).toMatch(/^SLUG +NAME +STATE +CREATED +ID$/)
    expect(row).toMatch(new RegExp(`^acme +Acme +active +.* ${id}$`))
    expect(await json('organizations members acme')).toEqual([
      {
        userId: ada.id,
        email: 'ada@example.com',
        name: 'Ada',
        roles: ['owner'],
        joinedAt: expect.stringMatching(/Z$/),
      },
    ])
    expect(await text(`organizations members ${id}`)).toMatch(/^ada@example\.com +Ada +owner /m)
    expect(await run('organizations members nonsense')).toMatchObject({
      code: 1,
      stderr: 'There is no organization nonsense. See: sallyport organizations list\n',
    })
  })

  test('set-member adds a member, changes the roles and removes the member; tokens are refused at once', async () => {
    const { client, bob, trade, actions, text, json, run } = await running()
    expect(await text('organizations set-member acme bob@example.com finance')).toBe(
      'bob@example.com has the roles finance in acme.\n',
    )
    const first = await trade(await client.signIn('bob@example.com'))
    expect(partOf(first, 1).roles).toEqual(['finance'])
    expect(await json(`organizations set-member acme ${bob.id} owner`)).toMatchObject([{ roles: ['owner'] }])
    expect(await client.isActive(first)).toBe(false)
    const second = await trade(await client.signIn('bob@example.com'))
    expect(partOf(second, 1).roles).toEqual(['owner'])
    expect(await text('organizations set-member acme ada@example.com --none')).toBe(
      'ada@example.com is no longer a member of acme.\n',
    )
    for (const [line, stderr] of [
      ['acme bob@example.com member', /last owner/i],
      ['acme bob@example.com --none', /last owner/i],
      ['acme ada@example.com --none', /not a member/],
      ['acme bob@example.com unknown', /roles: /],
      ['acme eve@example.com member', /There is no user eve@example\.com/],
    ] as const)
      expect(await run(`organizations set-member ${line}`), line).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(stderr),
      })
    for (const line of ['acme bob@example.com', 'acme bob@example.com owner --none'])
      expect((await run(`organizations set-member ${line}`)).code, line).toBe(2)
    expect(await client.isActive(second)).toBe(true)
    expect(await actions()).toEqual(['member_joined', 'member_roles_change', 'member_removed'])
  })

  test('delete refuses the tokens of an organization at once, and keep cancels it', async () => {
    const { client, trade, actions, text, json, run } = await running()
    const token = await trade(await client.signIn('ada@example.com'))
    expect(await client.isActive(token)).toBe(true)
    expect(await run('organizations delete acme')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('pass --yes'),
    })
    expect(await text('organizations delete acme --yes')).toMatch(
      /^acme will be deleted on .* To cancel this: sallyport organizations keep acme\n$/,
    )
    expect(await client.isActive(token)).toBe(false)
    const session = await client.signIn('ada@example.com')
    expect((await trade(session)).status).toBe(404)
    expect(await text('organizations list')).toMatch(/^acme +Acme +deleted on /m)
    expect(await json('organizations keep acme')).toMatchObject([{ slug: 'acme', deleteAt: null }])
    expect(await text('organizations keep acme')).toBe('acme is not to be deleted.\n')
    expect((await trade(session)).status).toBe(200)
    expect(await actions()).toEqual(['organization_deletion_asked', 'organization_kept'])
  })
})
