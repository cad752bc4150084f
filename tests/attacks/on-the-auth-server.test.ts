import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { render } from '../../packages/server/src/mail/letter.ts'
import { templates } from '../../packages/server/src/mail/templates.ts'
import { bearer, origin, password, startSallyport } from '../../packages/server/src/testing/sallyport.ts'

const email = 'ada@example.com'

describe('cookies that look like ours', () => {
  test.each([
    ['ACCESSTOKEN', (value: string) => `ACCESSTOKEN=${value}`],
    ['a space of another kind before it', (value: string) => `\u00a0accessToken=${value}`],
    ['a nameless cookie that holds it', (value: string) => `=accessToken=${value}`],
    ['quotes around it', (value: string) => `accessToken="${value}"`],
    ['RFC 2109', (value: string) => `$Version=1; "accessToken"=${value}; $Path=/`],
    ['behind a comma', (value: string) => `other=1, accessToken=${value}`],
    ['another prefix', (value: string) => `__Host-accessToken=${value}`],
  ])('does not read a cookie with %s as ours [S04]', async (_, header) => {
    const server = await startSallyport()
    await server.addUser()
    const browser = server.browser()
    await browser.signIn()
    const value = browser.jar.get('accessToken') ?? ''
    const ask = (cookie: string) => server.fetch(paths.readSession, { headers: { cookie } })
    expect((await ask(`accessToken=${value}`)).status).toBe(200)
    expect((await ask(header(value))).status).toBe(401)
  })

  test('refuses and clears two cookies of the same name [S04]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const browser = server.browser()
    await browser.signIn()
    const value = browser.jar.get('accessToken') ?? ''
    const answer = await server.fetch(paths.readSession, {
      headers: { cookie: `accessToken=${value}; accessToken=${value}` },
    })
    expect(answer.status).toBe(401)
    expect(answer.headers.getSetCookie().some((line) => /^accessToken=;.*Max-Age=0/.test(line))).toBe(true)
  })

  test('a session with many roles needs less than 4 KB per cookie [S06]', async () => {
    const others = Array.from({ length: 40 }, (_, at) => `role-number-${at}`)
    const server = await startSallyport({
      rolePermissions: {
        ...Object.fromEntries(others.map((role) => [role, []])),
        owner: Array.from({ length: 60 }, (_, at) => `invoice-${at}:write`),
      },
    })
    const { id } = await server.addUser()
    await server.sallyport.operator.users.setRoles(id, ['owner', ...others])
    const browser = server.browser()
    expect((await browser.signIn()).status).toBe(200)
    for (const [name, value] of browser.jar) expect(name.length + value.length).toBeLessThanOrEqual(4_096)
  })
})

describe('requests from another site', () => {
  test.each([
    'text/plain',
    'text/plain; application/json',
    'application/json, text/plain',
    'application/jsonp',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    null,
  ])('ignores a body as %s, with or without cookies [C02]', async (type) => {
    const server = await startSallyport()
    await server.addUser()
    const browser = server.browser()
    await browser.signIn()
    const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    for (const headers of [{ origin: 'https://evil.example', cookie }, { origin, cookie }, {}]) {
      const body = Buffer.from(JSON.stringify({ email, password, transport: 'bearer' }))
      const answer = await server.fetch(paths.signIn, {
        method: 'POST',
        headers: { ...headers, ...(type !== null && { 'content-type': type }) } as Record<string, string>,
        body,
      })
      expect([403, 415]).toContain(answer.status)
    }
    expect((await browser.get(paths.readSession)).status).toBe(200)
  })

  test('accepts JSON in capitals and with a charset [C02]', async () => {
    const server = await startSallyport()
    await server.addUser()
    for (const type of [
      'APPLICATION/JSON',
      'application/json;charset=utf-8',
      'application/json ; charset=UTF-8',
    ])
      expect(
        (
          await server.fetch(paths.signIn, {
            method: 'POST',
            headers: { 'content-type': type },
            body: JSON.stringify({ email, password, transport: 'bearer' }),
          })
        ).status,
        type,
      ).toBe(200)
  })

  test('the revocation stream is closed to browsers, whatever cookies they send [C13]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const browser = server.browser()
    await browser.signIn()
    for (const from of [origin, 'https://evil.example'])
      expect((await browser.send('GET', paths.revocations, undefined, { origin: from })).status).toBe(401)
  })
})

describe('side effects for known and unknown addresses', () => {
  test('known and unknown addresses get the same cookies, headers, counts and locks [A03]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const tried: string[][] = []
    for (const address of [email, 'nobody@example.com']) {
      const seen: string[] = []
      for (let round = 0; round < 14; round++) {
        const browser = server.browser()
        const answer = await browser.post(paths.signIn, { email: address, password: 'not the one' })
        const { requestId: _, ...body } = (await answer.json()) as Record<string, unknown>
        const headers = [...answer.headers].filter(([name]) => name !== 'x-request-id')
        seen.push(JSON.stringify([answer.status, headers, body, [...browser.jar.keys()]]))
      }
      tried.push(seen)
    }
    expect(tried[1]).toEqual(tried[0])
    expect(tried[0]?.at(-1)).toContain('429')
  })
})

describe('text that users enter about themselves', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "javascript:alert('x')",
    '{{constructor.constructor("alert(1)")()}}',
    '</title><svg/onload=alert(1)>',
    '&lt;b&gt;',
  ]

  test('is shown as text in mails [A15]', () => {
    const sender = { productName: 'Ledgerline', appUrl: 'https://app.example' }
    for (const text of hostile) {
      const letters = [
        templates.password_changed({ name: text, at: 0, device: text }, sender),
        templates.new_device({ name: text, at: 0, device: text, address: text }, sender),
        templates.address_change_asked({ name: text, newEmail: text, at: 0, device: text }, sender),
      ]
      for (const letter of letters) {
        const { html, subject } = render(letter, sender.productName)
        expect(html).not.toMatch(/<script|<img|<svg|onerror=alert\(1\)>/)
        expect(subject).not.toMatch(/[\r\n]/)
      }
    }
  })

  test('is returned as JSON that browsers do not run as a page [A15]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const { accessToken } = await server.signIn()
    for (const name of hostile) {
      const answer = await server.fetch(paths.readProfile, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', ...bearer(accessToken) },
        body: JSON.stringify({ name }),
      })
      expect(await answer.json()).toMatchObject({ user: { name } })
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
})

describe('privilege escalation', () => {
  test('users cannot give themselves a role: by sign-up, profile or a forged token [A20]', async () => {
    const server = await startSallyport({
      rolePermissions: { member: ['invoice:read'], owner: ['report:read'] },
    })
    const signUp = { email: 'eve@example.com', password, name: 'Eve', transport: 'bearer' }
    for (const more of [
      { roles: ['owner'] },
      { role: 'owner' },
      { permissions: ['report:read'] },
      { version: 9 },
    ])
      expect((await server.post(paths.signUp, { ...signUp, ...more })).status).toBe(400)
    const { accessToken } = (await (await server.post(paths.signUp, signUp)).json()) as {
      accessToken: string
    }
    for (const more of [{ roles: ['owner'] }, { name: 'Eve', roles: ['owner'] }, { id: 'x', name: 'Eve' }])
      expect(
        (
          await server.fetch(paths.readProfile, {
            method: 'PATCH',
            headers: { 'content-type': 'application/json', ...bearer(accessToken) },
            body: JSON.stringify(more),
          })
        ).status,
      ).toBe(400)
    const [head = '', claims = '', signature = ''] = accessToken.split('.')
    const changed = {
      ...(JSON.parse(Buffer.from(claims, 'base64url').toString()) as object),
      roles: ['owner'],
    }
    const forged = [head, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.')
    expect((await server.session(forged)).status).toBe(401)
    expect(await (await server.session(accessToken)).json()).toMatchObject({ user: { roles: ['member'] } })
  })

  test('no endpoint gives roles; only an operator does, with a valid name [A20]', async () => {
    const server = await startSallyport()
    const { id } = await server.addUser()
    const { accessToken } = await server.signIn()
    for (const path of ['/api/users', `/api/users/${id}`, '/api/user/roles', '/api/admin', '/api/auth/roles'])
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
        expect(
          (await server.fetch(path, { method, headers: bearer(accessToken) })).status,
          `${method} ${path}`,
        ).toBe(404)
    for (const roles of [[''], ['a,b'], ['x'.repeat(65)], ['line\nbreak']])
      await expect(server.sallyport.operator.users.setRoles(id, roles)).rejects.toMatchObject({
        code: 'invalid_request',
      })
  })
})

describe('URLs in requests and responses', () => {
  test('the auth server never redirects, whatever the request [X02]', async () => {
    const server = await startSallyport({ developmentInbox: true })
    for (const path of Object.values(paths))
      for (const query of [
        '?next=//evil.example',
        '?redirect_uri=https://evil.example',
        '?returnTo=%2F%2Fevil.example',
      ])
        for (const method of ['GET', 'POST']) {
          const answer = await server.fetch(path + query, { method })
          await answer.body?.cancel()
          expect([answer.status < 300 || answer.status >= 400, answer.headers.get('location')]).toEqual([
            true,
            null,
          ])
        }
  })

  test('no response leaks a URL, and secrets of mails are in fragments [X11]', async () => {
    const server = await startSallyport()
    for (const path of [paths.health, paths.jwks, paths.readSession, '/nothing'])
      expect((await server.get(path)).headers.get('referrer-policy')).toBe('no-referrer')
    const sender = { productName: 'Ledgerline', appUrl: 'https://app.example' }
    const details = { name: 'Ada', token: 'secret-of-the-link', validMinutes: 60 }
    for (const make of [templates.verify_address, templates.reset_password, templates.confirm_new_address]) {
      const { text, html } = render(make(details, sender), sender.productName)
      for (const [address] of `${text} ${html}`.matchAll(/https:\/\/[^\s"<]+/g)) {
        if (!address.includes('secret-of-the-link')) continue
        const url = new URL(address)
        expect(url.hash).toContain('secret-of-the-link')
        expect(url.pathname + url.search).not.toContain('secret-of-the-link')
      }
    }
  })

  test('never fetches a URL that a caller sent [X13]', async () => {
    const server = await startSallyport()
    const { fetch: real } = globalThis
    const asked: string[] = []
    globalThis.fetch = async (input) => {
      asked.push(String(input))
      throw new Error('This test allows no fetch.')
    }
    try {
      for (const target of [
        'http://169.254.169.254/',
        'http://[::]/',
        'http://127.1/',
        'file:///etc/passwd',
      ]) {
        const headers = {
          host: new URL(target).host || 'localhost',
          'x-forwarded-host': target,
          origin: target,
          referer: target,
        }
        for (const path of [paths.jwks, paths.readSession, paths.health]) await server.get(path, headers)
        const body = { email: `a@example.com`, password, jku: target, issuer: target }
        await server.post(paths.signIn, body, headers)
      }
      expect(asked).toEqual([])
    } finally {
      globalThis.fetch = real
    }
  })
})
