import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { password, startSallyport } from '../../testing/sallyport.ts'

test('an address in any case is the same user, who can sign in with each form [A11]', async () => {
  const server = await startSallyport()
  const register = (email: string) =>
    server.post(paths.signUp, { email, password, name: 'Ada', transport: 'bearer' })
  expect((await register('Ada.Lovelace@Example.COM')).status).toBe(200)
  expect((await register('ada.lovelace@example.com')).status).toBe(409)
  expect((await register('ADA.LOVELACE@EXAMPLE.COM')).status).toBe(409)
  expect(server.rows('user')).toMatchObject([{ email: 'ada.lovelace@example.com' }])
  for (const email of ['ada.lovelace@example.com', 'ADA.Lovelace@example.Com'])
    expect((await server.signIn(email)).accessToken).toBeTruthy()
})

test('an international domain and its ASCII form are one address everywhere; a look-alike is another [A11]', async () => {
  const server = await startSallyport()
  const register = (email: string) =>
    server.post(paths.signUp, { email, password, name: 'Max', transport: 'bearer' })
  expect((await register('Max@b\u00fccher.example')).status).toBe(200)
  for (const same of ['max@xn--bcher-kva.example', 'max@B\u00dcCHER.example', 'max@bu\u0308cher.example']) {
    expect((await register(same)).status).toBe(409)
    expect((await server.signIn(same)).accessToken).toBeTruthy()
    expect((await server.sallyport.operator.users.find(same))?.email).toBe('max@xn--bcher-kva.example')
    expect(await server.sallyport.operator.users.import([{ email: same }])).toEqual([{ state: 'present' }])
  }
  expect(
    await server.sallyport.operator.users.import([
      { email: 'kim@b\u00fccher.example' },
      { email: 'KIM@xn--bcher-kva.example', name: 'Other' },
    ]),
  ).toEqual([{ state: 'added' }, { state: 'refused', reason: 'email: Row 1 has the same address.' }])
  await server.addUser()
  for (const other of ['ada@exampl\u0435.com', 'ada@ex\u00e4mple.com']) {
    const answer = await register(other)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ user: { email: expect.stringMatching(/^ada@xn--/) } })
  }
})

const lookalikes = [
  ' ada@example.com',
  'ada@example.com ',
  'ada@example.com.',
  'ada@example.com\u200b',
  'ad\u0430@example.com',
  '\u1d2cda@example.com',
  '\uff41da@example.com',
  '"ada"@example.com',
  'ada(comment)@example.com',
  'ada@[127.0.0.1]',
  'ada@example.com,eve@example.com',
  'ada@example.com;eve@example.com',
  'ada@example.com%00@evil.example',
  'ada@example.com@evil.example',
  'ada@example.com\r\nbcc: eve@example.com',
  "ada@example.com' or '1'='1",
  "' or 1=1 --",
  'ada@example.com"; drop table user; --',
  `${'a'.repeat(300)}@example.com`,
]

test.each(lookalikes)('%j is not ada@example.com, and cannot be signed up [A11, A14]', async (email) => {
  const server = await startSallyport()
  await server.addUser()
  const before = server.rows('user')
  const registered = await server.post(paths.signUp, { email, password, name: 'Eve', transport: 'bearer' })
  expect(registered.status).toBe(400)
  const signedIn = await server.post(paths.signIn, { email, password, transport: 'bearer' })
  expect([400, 401]).toContain(signedIn.status)
  expect(server.rows('user')).toEqual(before)
})

test.each([
  "Robert'); drop table user;--",
  '{{7*7}}',
  '${7*7}',
  '","role":"owner',
  '<script>alert(1)</script>',
])('stores the name %j as plain text [A14, A15, J31]', async (name) => {
  const server = await startSallyport()
  const answer = await server.post(paths.signUp, {
    email: 'ada@example.com',
    password,
    name,
    transport: 'bearer',
  })
  expect(await answer.json()).toMatchObject({ user: { name, roles: ['member'] } })
  expect(server.rows('user')).toMatchObject([{ name, roles: '["member"]' }])
})
