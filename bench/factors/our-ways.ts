import { randomBytes, randomUUID } from 'node:crypto'
import { headers as headerNames } from '@sallyport/protocol'
import { type BearerTokens, bearerTokensSchema, paths } from '@sallyport/protocol/endpoints'
import { Authenticator } from '../../packages/server/src/testing/webauthn-authenticator.ts'
import { totpCode, totpStep } from '../../packages/server/src/tokens/totp.ts'
import { startAuthServer } from '../issuers/auth-server.ts'
import type { Person } from '../issuers/people.ts'
import type { Bench } from '../parts/part.ts'
import { startMailServer } from './mail-server.ts'
import { otherThan, read, type SignIn, send, type Way } from './way.ts'

const transport = 'bearer'

/** A user of our auth server in a browser that the server recognizes. */
type OurUser = Person & { headers: Record<string, string>; tokens: BearerTokens }

/** Password alone. Other ways are compared with it if no peer has them. */
export async function ourPassword(bench: Bench): Promise<Way> {
  const server = await startAuthServer(bench)
  const users: OurUser[] = []
  return {
    server,
    stop: server.stop,
    async prepare(count) {
      while (users.length < count) users.push(await signUp(server.url))
      return users.slice(0, count).map(
        ({ email, password, headers }): SignIn =>
          (proof) =>
            send(
              server.url + paths.signIn,
              { email, password: proof === 'right' ? password : `not ${password}`, transport },
              headers,
            ),
      )
    },
  }
}

/**
 * Password and code of an authenticator app. Each sign-in is of a new user, because each code works once, and a user has a new code only
 * every 30 seconds.
 */
export async function ourTotp(bench: Bench): Promise<Way> {
  const server = await startAuthServer(bench)
  return {
    server,
    stop: server.stop,
    async prepare(count) {
      const signIns: SignIn[] = []
      while (signIns.length < count) signIns.push(await newUserOfTotp(server.url))
      return signIns
    },
  }
}

async function newUserOfTotp(url: string): Promise<SignIn> {
  const user = await signUp(url)
  const { email, password, headers } = user
  const { id, secret } = await asUser<{ id: string; secret: string }>(url + paths.startTotp, user, {})
  const confirmed = totpStep(Date.now())
  await asUser(url + paths.confirmTotp, user, { id, code: totpCode(secret, confirmed) })
  return async (proof) => {
    const held = await send(url + paths.signIn, { email, password, transport }, headers)
    const { pendingSignIn } = await read<{ pendingSignIn: string }>(held, 202)
    // The code of the next step is accepted too.
    const code = totpCode(secret, Math.max(confirmed + 1, totpStep(Date.now())))
    return send(
      url + paths.proveSecondFactor,
      { code: proof === 'right' ? code : otherThan(code), pendingSignIn, transport },
      headers,
    )
  }
}

/** A mailed code. Only the request with the code is part of the sign-in. */
export async function ourMailedCode(bench: Bench): Promise<Way> {
  const mails = await startMailServer()
  const settings = { SALLYPORT_SMTP_URL: mails.url, SALLYPORT_MAIL_FROM: 'Bench <bench@example.com>' }
  const server = await startAuthServer(bench, settings).catch(async (error) => {
    await mails.stop()
    throw error
  })
  const users: OurUser[] = []

  async function requestCode({ email, headers }: OurUser): Promise<SignIn> {
    const answer = await send(server.url + paths.requestSignInMail, { email, transport }, headers)
    const { mailedSignIn } = await read<{ mailedSignIn: string }>(answer, 202)
    const code = await mails.takeCode(email)
    return (proof) =>
      send(
        server.url + paths.signInWithMailedCode,
        { code: proof === 'right' ? code : otherThan(code), mailedSignIn, transport },
        headers,
      )
  }

  return {
    server,
    async stop() {
      await server.stop()
      await mails.stop()
    },
    async prepare(count) {
      while (users.length < count) {
        const user = await signUp(server.url)
        users.push(user)
        // The first sign-in also verifies the address, and ends what was created before.
        const first = await requestCode(user)
        await read(await first('right'))
      }
      return Promise.all(users.slice(0, count).map(requestCode))
    },
  }
}

/** A passkey: a request for the options, and one with the signature. */
export async function ourPasskey(bench: Bench): Promise<Way> {
  const server = await startAuthServer(bench)
  const users: SignIn[] = []
  return {
    server,
    stop: server.stop,
    async prepare(count) {
      while (users.length < count) users.push(await newUserOfPasskey(server.url))
      return users.slice(0, count)
    },
  }
}

type Options = { options: Record<string, unknown> }

async function newUserOfPasskey(url: string): Promise<SignIn> {
  const user = await signUp(url)
  const authenticator = new Authenticator()
  const { options } = await asUser<Options>(url + paths.startPasskey, user, {})
  await asUser(url + paths.addPasskey, user, { credential: authenticator.create(options) })
  return async (proof) => {
    const asked = await send(url + paths.startPasskeySignIn, { transport }, user.headers)
    const { handle, ...started } = await read<Options & { handle: string }>(asked)
    const change = proof === 'right' ? {} : { userVerified: false }
    const credential = authenticator.get(started.options, change)
    return send(url + paths.signInWithPasskey, { credential, handle, transport }, user.headers)
  }
}

async function signUp(url: string): Promise<OurUser> {
  const person = { email: `${randomUUID()}@example.com`, password: 'open the second door', name: 'Newcomer' }
  const headers = { [headerNames.device]: randomBytes(24).toString('base64url') }
  const answer = await send(url + paths.signUp, { ...person, transport }, headers)
  return { ...person, headers, tokens: bearerTokensSchema.parse(await read(answer)) }
}

/** Posts JSON with the access token of the user. */
async function asUser<Body>(url: string, { headers, tokens }: OurUser, body: object): Promise<Body> {
  const answer = await send(url, body, { ...headers, authorization: `Bearer ${tokens.accessToken}` })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Body
}
