import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { otherThan, startWithMailedSignIn } from '../../testing/mailed-sign-in.ts'
import { frozenClock, origin, startSallyport } from '../../testing/sallyport.ts'

const email = 'ada@example.com'
const started = (options = {}) => startWithMailedSignIn('SQLite', options)
const cookieOf = (answer: Response) =>
  answer.headers.getSetCookie().filter((line) => line.includes('mailedSignIn='))

test('a browser gets the handle in a cookie that scripts cannot read, and the code works only with it', async () => {
  const { server, newest } = await started()
  const [browser, other] = [server.browser(), server.browser()]
  const asked = await browser.post(paths.requestSignInMail, { email })
  expect([asked.status, await asked.json()]).toEqual([202, { status: 'accepted', expiresIn: 600 }])
  expect(cookieOf(asked)).toEqual([
    expect.stringMatching(/^mailedSignIn=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/),
  ])
  const { code, token } = await newest()
  const elsewhere = await other.post(paths.signInWithMailedCode, { code })
  expect(await elsewhere.json()).toMatchObject({ code: 'sign_in_mail_expired' })
  const shown = async (at: typeof browser) =>
    (await (await at.post(paths.describeMailedSignIn, { token })).json()) as { sameBrowser: boolean }
  expect([(await shown(browser)).sameBrowser, (await shown(other)).sameBrowser]).toEqual([true, false])
  const wrong = await browser.post(paths.signInWithMailedCode, { code: otherThan(code) })
  expect(await wrong.json()).toMatchObject({ code: 'invalid_request', errors: [{ field: 'code' }] })
  const signedIn = await browser.post(paths.signInWithMailedCode, { code })
  expect([signedIn.status, await signedIn.json()]).toMatchObject([200, { user: { email } }])
  expect(cookieOf(signedIn)).toEqual([expect.stringContaining('mailedSignIn=; Path=/; Max-Age=0')])
  expect((await browser.get(paths.readSession)).status).toBe(200)
})

test('over HTTPS, the cookie has the prefix __Host-', async () => {
  const page = 'https://app.example.com'
  const server = await startSallyport({
    issuer: 'https://auth.example.com',
    origins: page,
    mailedSignIn: 'on',
    smtpUrl: 'smtp://localhost:1',
    mailFrom: 'no-reply@example.com',
  })
  const asked = await server.browser().post(paths.requestSignInMail, { email })
  expect(cookieOf(asked)).toEqual([
    expect.stringMatching(/^__Host-mailedSignIn=[\w-]{43}; .*HttpOnly; SameSite=Lax; Secure$/),
  ])
})

test('the link signs in another browser, and ends the session that this browser had', async () => {
  const { server, newest } = await started()
  await server.addUser('bob@example.com')
  const [asker, reader] = [server.browser(), server.browser()]
  await reader.signIn('bob@example.com')
  const before = reader.jar.get('refreshToken') ?? ''
  await asker.post(paths.requestSignInMail, { email })
  const { token } = await newest()
  const confirmed = await reader.post(paths.confirmMailedSignIn, { token })
  expect(await confirmed.json()).toMatchObject({ user: { email } })
  expect((await server.refresh(before)).status).toBe(401)
  expect((await asker.get(paths.readSession)).status).toBe(401)
})

test('pages of other sites can neither ask, nor enter a code, nor confirm a link', async () => {
  const { server, newest, sessions } = await started()
  const browser = server.browser()
  const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
  for (const [path, body] of [
    [paths.requestSignInMail, { email }],
    [paths.signInWithMailedCode, { code: '123456' }],
    [paths.describeMailedSignIn, { token: 'x' }],
    [paths.confirmMailedSignIn, { token: 'x' }],
  ] as const)
    expect([path, (await browser.post(path, body, foreign)).status]).toEqual([path, 403])
  // Without an Origin, no cookie is set.
  const bare = await server.post(paths.requestSignInMail, { email })
  expect([bare.status, bare.headers.getSetCookie()]).toEqual([403, []])
  // A page cannot send the handle of another browser, with which somebody could be signed in to a foreign account.
  await browser.post(paths.requestSignInMail, { email })
  const mailedSignIn = browser.jar.get('mailedSignIn') ?? ''
  const { code } = await newest()
  const sent = await server.browser().post(paths.signInWithMailedCode, { code, mailedSignIn })
  expect([sent.status, await sent.json()]).toMatchObject([400, { errors: [{ field: 'mailedSignIn' }] }])
  expect(await sessions()).toEqual([])
})

test('a browser that wants bearer tokens and has cookies is refused', async () => {
  const { server } = await started()
  const browser = server.browser()
  await browser.signIn()
  for (const [path, body] of [
    [paths.requestSignInMail, { email }],
    [paths.signInWithMailedCode, { code: '123456' }],
    [paths.confirmMailedSignIn, { token: 'x' }],
  ] as const)
    expect((await browser.post(path, { ...body, transport: 'bearer' })).status).toBe(401)
})

test.each(['12345', '1234567', '12345a', '', ' 123456', '１２３４５６', '12 456'])(
  'the code %j is refused before a try is counted',
  async (code) => {
    const { store, ask, enter } = await started()
    const handle = await ask()
    const answer = await enter(code, handle)
    expect([answer.status, await answer.json()]).toMatchObject([400, { errors: [{ field: 'code' }] }])
    expect(await store.query('select "triesLeft" from mailed_sign_in')).toEqual([{ triesLeft: 5 }])
  },
)

test('without the setting, the endpoints answer 404 and nothing is mailed', async () => {
  const server = await startSallyport({ developmentInbox: true })
  await server.addUser()
  for (const path of [
    paths.requestSignInMail,
    paths.signInWithMailedCode,
    paths.describeMailedSignIn,
    paths.confirmMailedSignIn,
  ])
    expect((await server.post(path, { email }, { origin })).status).toBe(404)
  expect(server.rows('mail')).toEqual([])
})

test('a hook that fails uses nothing up: the same code works afterwards', async () => {
  let isBroken = true
  const claims = () => {
    if (isBroken) throw new Error('the app is down')
    return {}
  }
  const options = { developmentInbox: true, mailedSignIn: 'on' } as const
  const server = await startSallyport(options, frozenClock(), { hooks: { claims } })
  await server.addUser()
  const asked = await server.post(paths.requestSignInMail, { email, transport: 'bearer' })
  const { mailedSignIn } = (await asked.json()) as { mailedSignIn: string }
  const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { text: string }[] }
  const code = /^\d{6}$/m.exec(mails[0]?.text ?? '')?.[0]
  const enter = () => server.post(paths.signInWithMailedCode, { code, mailedSignIn, transport: 'bearer' })
  expect((await enter()).status).toBe(503)
  isBroken = false
  expect((await enter()).status).toBe(200)
})
