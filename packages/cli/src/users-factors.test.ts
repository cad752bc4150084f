import { describe, expect, test } from 'vitest'
import { storeKinds } from '../../server/src/testing/stores.ts'
import { totpCode, totpStep } from '../../server/src/tokens/totp.ts'
import { runInProcess, serveInProcess } from './testing/in-process.ts'
import { clientOf } from './testing/running-server.ts'
import { commandOnFreshStore } from './testing/sallyport-command.ts'

const email = 'ada@example.com'

describe.each(storeKinds)('sallyport users factors on %s', (kind) => {
  async function withFactor() {
    const command = await commandOnFreshStore(kind)
    const ada = await command.createUser(email, '')
    const { url } = await serveInProcess(command.env)
    const client = clientOf(url)
    const { accessToken, refreshToken } = await client.signIn(email)
    const ask = async (method: string, path: string, body: object) => {
      const answer = await fetch(url + path, {
        method,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
        body: JSON.stringify(body),
      })
      return (await answer.json()) as Record<string, string>
    }
    const enrol = async (name: string) => {
      const { id = '', secret = '' } = await ask('POST', '/api/user/factors/totp', { name })
      await ask('POST', '/api/user/factors/totp/confirm', {
        id,
        code: totpCode(secret, totpStep(Date.now())),
      })
      return id
    }
    const remove = (...options: string[]) =>
      runInProcess(['users', 'factors', 'remove', email, ...options], command.env)
    return { ...command, ada, client, refreshToken, enrol, remove }
  }

  test('list prints the factors of a user, and no secret', async () => {
    const { text, json, enrol } = await withFactor()
    expect(await text(`users factors list ${email}`)).toBe(`${email} has no second factor.\n`)
    const id = await enrol('Phone')
    expect(await text(`users show ${email}`)).toMatch(/^ways in {4}password; second factor: 1 app$/m)
    expect(await text(`users factors list ${email}`)).toMatch(/^KIND +NAME +ADDED.*\n.*totp +Phone .*never/)
    expect(await json(`users factors list ${email}`)).toEqual([
      { id, kind: 'totp', name: 'Phone', createdAt: expect.any(String), lastUsedAt: null, removedAt: null },
    ])
  })

  test('remove --now removes a factor, ends all sessions, forgets trusted browsers, mails the user, and records the reason [ASVS 6.4.4]', async () => {
    const { store, ada, enrol, remove, client, refreshToken } = await withFactor()
    const phone = await enrol('Phone')
    await enrol('Tablet')
    await store.query('update known_device set "trustedUntil" = 9000000000000')
    expect(await remove('--id', phone, '--now', '--because', 'gave a code of her tablet')).toMatchObject({
      code: 0,
      stdout: `Removed 1 second factor of ${email}, 1 left. Ended 1 session.\n`,
    })
    expect((await client.tryRefresh({ accessToken: '', refreshToken })).status).toBe(401)
    expect(await store.query('select "trustedUntil" from known_device')).toEqual([{ trustedUntil: null }])
    expect(await store.query('select hash from recovery_code')).toHaveLength(10)
    expect((await client.login(email)).status).toBe(202)
    expect(
      await store.query(
        `select actor, "userId", details from audit_event where action = 'second_factor_removed'`,
      ),
    ).toEqual([
      {
        actor: 'operator',
        userId: ada.id,
        details: '{"kind":"totp","removed":1,"because":"gave a code of her tablet"}',
      },
    ])
    expect(await store.query(`select recipient from mail where template = 'second_factor_removed'`)).toEqual([
      { recipient: email },
    ])
    const last = await remove('--all', '--now', '--because', 'showed her passport', '--json')
    expect(JSON.parse(last.stdout)).toEqual({ userId: ada.id, removed: 1, left: 0, sessions: 0 })
    expect(await store.query('select hash from recovery_code')).toEqual([])
    expect((await client.login(email)).status).toBe(200)
  })

  test('remove plans the removal after 24 hours, list shows it, and cancel cancels it', async () => {
    const { store, ada, env, enrol, remove, text, json } = await withFactor()
    const id = await enrol('Phone')
    const before = Date.now()
    const planned = await remove('--all', '--because', 'showed her passport')
    expect(planned).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^All second factors of ada@example\.com will be removed at .*\(in 1 day\)\. The user gets a mail now, and cancels this by signing in with two factors\.\n$/,
      ),
    })
    expect(await text(`users factors list ${email}`)).toMatch(
      /^KIND .* WILL BE REMOVED *\n.*Phone.*\(in 1 day\) *\n$/,
    )
    const [factor] = (await json(`users factors list ${email}`)) as { removedAt: string }[]
    const removedAt = Date.parse(factor?.removedAt ?? '')
    expect(removedAt).toBeGreaterThanOrEqual(before + 86_400_000)
    expect(removedAt).toBeLessThanOrEqual(Date.now() + 86_400_000)
    const again = await remove('--id', id, '--because', 'x')
    expect([again.code, again.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^A removal is planned for .* already\. Cancel it first: sallyport users factors cancel ada@example\.com\n$/,
      ),
    ])
    expect(await store.query(`select recipient from mail where template like '%removal_asked'`)).toEqual([
      { recipient: email },
    ])
    expect(await text(`users factors cancel ${email}`)).toBe(
      `The second factors of ${email} will not be removed.\n`,
    )
    const none = await runInProcess(['users', 'factors', 'cancel', email], env)
    expect([none.code, none.stderr]).toEqual([
      1,
      `No removal is planned for ${email}. See: sallyport users factors list ${email}\n`,
    ])
    const long = await remove('--id', id, '--after', '30d', '--because', 'x', '--json')
    expect(JSON.parse(long.stdout)).toEqual({
      userId: ada.id,
      removedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect(await json(`users factors cancel ${email}`)).toEqual([{ userId: ada.id, cancelled: true }])
    expect(await text(`users factors list ${email}`)).not.toContain('WILL BE REMOVED')
  })

  test('remove refuses a waiting time that is too short, too long or unclear', async () => {
    const { enrol, remove } = await withFactor()
    await enrol('Phone')
    for (const time of ['0', '0h', '24', '1s', '31d', '-1h', 'soon']) {
      const { code, stderr } = await remove('--all', `--after=${time}`, '--because', 'x')
      expect([time, code, stderr]).toEqual([time, 2, expect.stringContaining('from 1m to 30d')])
    }
    expect((await remove('--all', '--now', '--after', '1h', '--because', 'x')).code).toBe(2)
  })

  test('remove refuses an unknown factor, a missing reason, and neither or both of --id and --all', async () => {
    const { enrol, remove, text } = await withFactor()
    const none = await remove('--all', '--because', 'x')
    expect([none.code, none.stderr]).toEqual([1, `${email} has no second factor.\n`])
    await enrol('Phone')
    expect(await remove('--id', 'unknown', '--because', 'x')).toMatchObject({
      code: 1,
      stderr: `${email} has no second factor unknown. See: sallyport users factors list ${email}\n`,
    })
    for (const options of ['--all', '--because x', '--all --id x --because x'])
      expect((await remove(...options.split(' '))).code, options).toBe(2)
    for (const reason of [' ', 'two\nlines', 'x'.repeat(501)]) {
      const { code, stderr } = await remove('--all', '--because', reason)
      expect([code, stderr]).toEqual([
        1,
        'because: Say in one line, of at most 500 characters, how the user has proved who they are.\n',
      ])
    }
    expect(await text(`users factors list ${email}`)).toContain('Phone')
  })
})
