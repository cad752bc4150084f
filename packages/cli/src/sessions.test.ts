import { describe, expect, test } from 'vitest'
import { freshStore, storeKinds } from '../../server/src/testing/stores.ts'
import { serveInProcess } from './testing/in-process.ts'
import { clientOf, partOf } from './testing/running-server.ts'
import { commandOn, type Environment, serve, settingsOf } from './testing/sallyport-command.ts'

type Session = { id: string; userAgent: string }

describe.each(storeKinds)('sallyport beside a running server on %s', (kind) => {
  async function running(start: (env: Environment) => Promise<{ url: string }> = serveInProcess) {
    const store = await freshStore(kind)
    const env = settingsOf(store)
    const { url } = await start(env)
    const command = commandOn(env)
    const user = await command.createUser('ada@example.com')
    return { store, client: clientOf(url), user, ...command }
  }

  test('sessions list prints each device, with control characters escaped', async () => {
    const { client, user, text, json } = await running()
    expect(await text('sessions list ada@example.com')).toBe('ada@example.com has no open session.\n')
    // The header of a client may contain terminal escape sequences.
    const hostile = `\u009b2J\u009b31mFirefox ${'x'.repeat(100)}`
    await client.signIn('ada@example.com', 'Safari')
    await client.signIn('ada@example.com', hostile)

    const [latest, first] = await json<Session>('sessions list ada@example.com')
    const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(first).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      userId: user.id,
      createdAt: isoTime,
      lastUsedAt: isoTime,
      expiresAt: isoTime,
      address: '127.0.0.1',
      userAgent: 'Safari',
    })
    expect(latest?.userAgent).toContain('Firefox')

    const table = await text(`sessions list ${user.id}`)
    const [header, ...rows] = table.trimEnd().split('\n')
    expect(header).toMatch(/^ID +LAST USED +SIGNED IN +ENDS BY +ADDRESS +DEVICE$/)
    const age = expect.stringMatching(/^(?:now|\d+ seconds? ago)$/)
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      [
        latest?.id,
        expect.stringMatching(/Z \(.*\)$/),
        age,
        'in 3 months',
        '127.0.0.1',
        expect.stringMatching(/…$/),
      ],
      [first?.id, expect.stringMatching(/Z \(.*\)$/), age, 'in 3 months', '127.0.0.1', 'Safari'],
    ])
    expect(table).not.toMatch(/[^\P{Cc}\n]/u)
    expect(await text('users show ada@example.com')).toMatch(/^sessions {3}2 open$/m)
  })

  test('sessions revoke: the server refuses only this token, and sends the revocation', async () => {
    const { client, text, json, run } = await running(serve)
    const ended = await client.signIn('ada@example.com')
    const other = await client.signIn('ada@example.com')
    const { sid } = partOf(ended, 1)
    const stream = await client.follow()

    expect(await text(`sessions revoke ${sid}`)).toBe(`Session ${sid} has ended.\n`)
    expect(await stream.next()).toMatchObject({ sid })
    expect(await client.isActive(ended)).toBe(false)
    expect((await client.tryRefresh(ended)).status).toBe(401)
    expect(await client.isActive(other)).toBe(true)
    expect((await json<Session>('sessions list ada@example.com')).map(({ id }) => id)).toEqual([
      partOf(other, 1).sid,
    ])

    expect(await json(`sessions revoke ${sid}`)).toEqual([{ sessionId: sid, ended: true }])
    expect(await run('sessions revoke nonsense')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'There is no session nonsense. See: sallyport sessions list <id|email>\n',
    })
  })

  test('sessions revoke --user ends all sessions of a user, who can sign in again', async () => {
    const { client, user, text, json, run } = await running()
    const tokens = await client.signIn('ada@example.com')
    await client.signIn('ada@example.com')
    const stream = await client.follow()

    expect(await text('sessions revoke --user ada@example.com')).toBe(
      'Ended 2 sessions of ada@example.com.\n',
    )
    expect(await stream.next()).toMatchObject({ sub: user.id })
    expect(await client.isActive(tokens)).toBe(false)
    expect(await client.isActive(await client.signIn('ada@example.com'))).toBe(true)

    expect(await json(`sessions revoke --user ${user.id}`)).toEqual([{ userId: user.id, ended: 1 }])
    expect(await run('sessions revoke --user eve@example.com')).toMatchObject({
      code: 1,
      stderr: 'There is no user eve@example.com. See: sallyport users list\n',
    })
  })

  test('users set-roles: the old token is stale at once, and the next refresh has the new roles', async () => {
    const { client, user, text } = await running()
    const tokens = await client.signIn('ada@example.com')
    const stream = await client.follow()
    expect(partOf(tokens, 1).roles).toEqual(['member'])

    await text('users set-roles ada@example.com finance owner')
    expect(await stream.next()).toMatchObject({ sub: user.id, minVersion: 1 })
    expect(await client.isActive(tokens)).toBe(false)
    const renewed = await client.refresh(tokens)
    expect(partOf(renewed, 1).roles).toEqual(['finance', 'owner'])
    expect(partOf(renewed, 1).sid).toBe(partOf(tokens, 1).sid)
  })

  test('users disable: signs out everywhere and refuses sign-ins until users enable', async () => {
    const { client, user, text } = await running()
    const tokens = await client.signIn('ada@example.com')
    const stream = await client.follow()

    await text('users disable ada@example.com')
    expect(await stream.next()).toMatchObject({ sub: user.id })
    expect(await client.isActive(tokens)).toBe(false)
    expect((await client.tryRefresh(tokens)).status).toBe(401)
    expect((await client.login('ada@example.com')).status).toBe(401)
    await text('users enable ada@example.com')
    expect((await client.login('ada@example.com')).status).toBe(200)
  })
})
