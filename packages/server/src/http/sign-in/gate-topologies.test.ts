import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { authenticator } from '../../testing/authenticator.ts'
import {
  type BearerSession,
  bearer,
  claimsOf,
  frozenClock,
  origin,
  password,
  startSallyport,
} from '../../testing/sallyport.ts'
import { Authenticator } from '../../testing/webauthn-authenticator.ts'

const page = 'https://app.example.com'
const mail = { smtpUrl: 'smtp://localhost:1', mailFrom: 'no-reply@example.com' }

/** The settings of each topology (docs/topologies.md), and the prefix and the attributes of the cookies that they cause. */
const topologies = {
  development: {
    options: { developmentInbox: true, origins: origin },
    prefix: '',
    attributes: [] as string[],
  },
  'same origin': {
    options: { issuer: 'https://auth.example.com', origins: page, ...mail },
    prefix: '__Host-',
    attributes: ['Secure'],
  },
  'shared parent domain': {
    options: { issuer: 'https://api.example.com', origins: page, cookieDomain: 'example.com', ...mail },
    prefix: '__Secure-',
    attributes: ['Secure', 'Domain=example.com'],
  },
  bearer: {
    options: { issuer: 'https://auth.example.com', origins: page, ...mail },
    prefix: null,
    attributes: [],
  },
} as const
type Topology = keyof typeof topologies
const browserTopologies = ['development', 'same origin', 'shared parent domain'] as const satisfies Topology[]

const ways = ['password', 'mailed code', 'mailed link', 'passkey'] as const
type Way = (typeof ways)[number]
const factors = ['none', 'totp'] as const

/** What each way in proves. */
const methodsOf: Record<Way, string[]> = {
  password: ['pwd'],
  'mailed code': ['otp'],
  'mailed link': ['otp'],
  passkey: ['hwk', 'user', 'mfa'],
}

type Cookie = { value: string; attributes: string[] }

/** A client of one topology: a browser with cookies, or a bearer client that keeps the secrets of the bodies. */
async function worldOf(topology: Topology) {
  const { options, prefix } = topologies[topology]
  const clock = frozenClock()
  const server = await startSallyport({ ...options, mailedSignIn: 'on', emailVerification: 'sign-in' }, clock)
  // Shows the mails of the same database.
  const inbox = await startSallyport({ dataDir: server.dataDir, developmentInbox: true }, clock)
  const rpId = server.sallyport.config.passkeyDomain ?? ''
  // Only with a shared parent domain does the browser call another host than that of its pages.
  const site = 'cookieDomain' in options ? 'same-site' : 'same-origin'

  const begin = (from: string = options.origins) => {
    const jar = new Map<string, string>()
    const isBearer = prefix === null
    return {
      jar,
      async post(path: string, body: object) {
        clock.advance(1)
        const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
        const answer = await server.fetch(path, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(!isBearer && { origin: from, 'sec-fetch-site': site, ...(cookie && { cookie }) }),
          },
          body: JSON.stringify({ ...body, ...(isBearer && { transport: 'bearer' }) }),
        })
        const set: Record<string, Cookie> = {}
        for (const line of answer.headers.getSetCookie()) {
          const [pair = '', ...attributes] = line.split('; ')
          const [name = '', value = ''] = pair.split('=')
          set[name] = { value, attributes }
          if (attributes.includes('Max-Age=0')) jar.delete(name)
          else jar.set(name, value)
        }
        return { status: answer.status, body: (await answer.json()) as Record<string, never>, set }
      },
    }
  }
  const own = async (method: string, path: string, { accessToken }: BearerSession, body: object) =>
    (await (
      await server.fetch(path, {
        method,
        headers: { 'content-type': 'application/json', ...bearer(accessToken) },
        body: JSON.stringify(body),
      })
    ).json()) as Record<string, never>
  let people = 0
  const addPerson = async (factor: (typeof factors)[number], way: Way) => {
    const email = `person${++people}@example.com`
    const { id } = await server.addUser(email)
    const passkey = new Authenticator({ origin: options.origins, rpId })
    if (way === 'passkey') {
      const session = await server.signIn(email)
      const { options: creation } = await own('POST', paths.startPasskey, session, {})
      await own('POST', paths.addPasskey, session, { credential: passkey.create(creation ?? {}) })
    }
    if (factor === 'none') return { id, email, passkey, codeAt: () => '' }
    const session = await server.signIn(email)
    const totp = (await own('POST', paths.startTotp, session, {})) as Record<string, string>
    const { codeAt } = authenticator(totp.secret ?? '')
    await own('POST', paths.confirmTotp, session, { id: totp.id, code: codeAt(clock.now) })
    clock.advance(60)
    return { id, email, passkey, codeAt: () => codeAt(clock.now) }
  }
  const mailedTo = async (email: string) => {
    const { mails } = (await (await inbox.get(paths.inbox)).json()) as {
      mails: { to: string; text: string }[]
    }
    const text = mails.find((one) => one.to === email && /^\d{6}$/m.test(one.text))?.text ?? ''
    return {
      code: /^\d{6}$/m.exec(text)?.[0],
      token: /\/login\/link#token=([\w-]{43})/.exec(text)?.[1],
    }
  }
  return { server, clock, begin, addPerson, mailedTo }
}

type World = Awaited<ReturnType<typeof worldOf>>
type Client = ReturnType<World['begin']>
type Person = Awaited<ReturnType<World['addPerson']>>

async function proveFirst({ mailedTo }: World, client: Client, way: Way, { email, passkey }: Person) {
  if (way === 'password') return client.post(paths.signIn, { email, password })
  if (way === 'passkey') {
    const { body } = await client.post(paths.startPasskeySignIn, {})
    const credential = passkey.get(body.options ?? {})
    return client.post(paths.signInWithPasskey, { credential, handle: body.handle })
  }
  const { body } = await client.post(paths.requestSignInMail, { email })
  const { code, token } = await mailedTo(email)
  return way === 'mailed link'
    ? client.post(paths.confirmMailedSignIn, { token })
    : client.post(paths.signInWithMailedCode, { code, mailedSignIn: body.mailedSignIn })
}

/** The cookies that a response must set, written down once more and independently of the code that sets them. */
function cookiesOf(topology: Topology, isOpen: boolean): Record<string, string[]> {
  const { prefix, attributes } = topologies[topology]
  if (prefix === null) return {}
  const own = (maxAge: number, sameSite: string) =>
    ['Path=/', `Max-Age=${maxAge}`, 'HttpOnly', `SameSite=${sameSite}`, ...attributes].sort()
  return isOpen
    ? {
        [`${prefix}accessToken`]: own(600, 'Strict'),
        [`${prefix}refreshToken`]: own(14 * 86_400, 'Strict'),
        [`${prefix}sallyport_device`]: own(400 * 86_400, 'Lax'),
      }
    : { [`${prefix}pendingSignIn`]: own(600, 'Lax') }
}

/** The cookies that a response sets. Those that only bind an earlier step to the browser are left out, if they are deleted. */
function seenCookies(set: Record<string, Cookie>): Record<string, string[]> {
  const stored = Object.entries(set).filter(([, { attributes }]) => !attributes.includes('Max-Age=0'))
  return Object.fromEntries(stored.map(([name, { attributes }]) => [name, [...attributes].sort()]))
}

const openSessions = ({ server }: World, userId: string) =>
  server
    .rows<{ userId: string; endedAt: number | null }>('session')
    .filter((row) => row.userId === userId && row.endedAt === null).length

test.each(Object.keys(topologies) as Topology[])(
  'in the topology %s, every way in needs the same factors, and sets the cookies of the topology only [M04]',
  async (topology) => {
    const isBearer = topology === 'bearer'

    const world = await worldOf(topology)
    for (const way of ways)
      for (const factor of factors) {
        const each = { way, factor }
        const person = await world.addPerson(factor, way)
        world.server.execute(`delete from session where "userId" = '${person.id}'`)
        const client = world.begin()
        let result = await proveFirst(world, client, way, person)
        const isHeld = factor === 'totp' && way !== 'passkey'
        expect([each, result.status]).toEqual([each, isHeld ? 202 : 200])
        let amr = methodsOf[way]
        if (isHeld) {
          expect([each, seenCookies(result.set)]).toEqual([each, cookiesOf(topology, false)])
          expect([each, openSessions(world, person.id)]).toEqual([each, 0])
          const { pendingSignIn } = result.body
          expect([each, typeof pendingSignIn]).toEqual([each, isBearer ? 'string' : 'undefined'])
          result = await client.post(paths.proveSecondFactor, { code: person.codeAt(), pendingSignIn })
          expect([each, result.status]).toEqual([each, 200])
          amr = [...new Set([...amr, 'otp', 'mfa'])]
        }
        expect([each, seenCookies(result.set)]).toEqual([each, cookiesOf(topology, true)])
        expect([each, openSessions(world, person.id)]).toEqual([each, 1])
        const tokens = [result.body.accessToken, result.body.refreshToken].map((token) => typeof token)
        expect([each, tokens]).toEqual([each, Array(2).fill(isBearer ? 'string' : 'undefined')])
        const { prefix } = topologies[topology]
        const accessToken = result.body.accessToken ?? client.jar.get(`${prefix}accessToken`) ?? ''
        expect([each, claimsOf(accessToken)]).toMatchObject([
          each,
          { sub: person.id, amr, acr: amr.includes('mfa') ? 'aal2' : 'aal1' },
        ])
      }
  },
)

test.each(browserTopologies)(
  'in the topology %s, a page of another origin opens no session and holds no sign-in',
  async (topology) => {
    const world = await worldOf(topology)
    for (const factor of factors) {
      const person = await world.addPerson(factor, 'password')
      world.server.execute(`delete from session where "userId" = '${person.id}'`)
      for (const stranger of ['https://evil.example', 'https://other.example.com', 'null']) {
        const { status, body, set } = await proveFirst(world, world.begin(stranger), 'password', person)
        expect([stranger, status, body.code, set]).toEqual([stranger, 403, 'origin_refused', {}])
      }
      const owner = world.begin()
      const held = await proveFirst(world, owner, 'password', person)
      if (factor === 'none') continue
      expect(held.status).toBe(202)
      // The cookie of the pending sign-in works only for pages of the app, and only under its own name.
      const code = person.codeAt()
      const foreign = world.begin('https://other.example.com')
      for (const [name, value] of owner.jar) foreign.jar.set(name, value)
      expect((await foreign.post(paths.proveSecondFactor, { code })).status).toBe(403)
      const { prefix } = topologies[topology]
      for (const other of ['', '__Host-', '__Secure-'].filter((one) => one !== prefix)) {
        const renamed = world.begin()
        renamed.jar.set(`${other}pendingSignIn`, owner.jar.get(`${prefix}pendingSignIn`) ?? '')
        const { status, body } = await renamed.post(paths.proveSecondFactor, { code })
        expect([other, status, body.code]).toEqual([other, 400, 'sign_in_expired'])
      }
      expect((await owner.post(paths.proveSecondFactor, { code })).status).toBe(200)
    }
  },
)
