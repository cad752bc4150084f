import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { totpCode, totpStep } from '../../packages/server/src/tokens/totp.ts'
import { cookieHeader } from '../issuers/people.ts'
import { type Server, startServer } from '../measure/server.ts'
import type { Bench } from '../parts/part.ts'
import { root } from '../root.ts'
import { otherThan, read, type SignIn, send, type Way } from './way.ts'

/**
 * Password and code of an authenticator app, with the plugin `twoFactor`. Better Auth accepts a code more than once, so the same users sign
 * in in each round.
 */
export function betterAuthTotp(bench: Bench): Promise<Way> {
  return betterAuthWay(bench, async (server, users, count) => {
    while (users.length < count) users.push(await newUserOfTotp(server))
    return users.slice(0, count)
  })
}

/** A mailed code, with the plugin `emailOTP`. Only the request with the code is part of the sign-in. */
export function betterAuthMailedCode(bench: Bench): Promise<Way> {
  const emails: string[] = []
  return betterAuthWay(bench, async (server, _, count) => {
    while (emails.length < count) {
      const email = `${randomUUID()}@example.com`
      emails.push(email)
      // The first sign-in creates the user.
      const first = await requestCode(server, email)
      await read(await first('right'))
    }
    return Promise.all(emails.slice(0, count).map((email) => requestCode(server, email)))
  })
}

async function betterAuthWay(
  bench: Bench,
  prepare: (server: Server, users: SignIn[], count: number) => Promise<SignIn[]>,
): Promise<Way> {
  const server = await startServer({
    script: join(root, 'bench/peers/api/better-auth-factors.mjs'),
    env: () => ({
      DATABASE_FILE: join(bench.workDir, `better-auth-${randomUUID()}.db`),
      SECRET: 'only for the bench: a secret wants 32',
    }),
    readyPath: '/open',
    logFile: join(bench.workDir, 'better-auth.log'),
  })
  const users: SignIn[] = []
  return { server, stop: server.stop, prepare: (count) => prepare(server, users, count) }
}

async function newUserOfTotp({ url }: Server): Promise<SignIn> {
  const at = `${url}/api/auth`
  const person = { email: `${randomUUID()}@example.com`, password: 'open the second door', name: 'Newcomer' }
  const { email, password } = person
  const signedUp = await send(`${at}/sign-up/email`, person, { origin: url })
  await read(signedUp.clone())
  const session = { origin: url, cookie: cookieHeader([signedUp]) }
  const enabled = await send(`${at}/two-factor/enable`, { password }, session)
  const { totpURI } = await read<{ totpURI: string }>(enabled)
  const secret = new URL(totpURI).searchParams.get('secret') ?? ''
  const codeNow = () => totpCode(secret, totpStep(Date.now()))
  await read(await send(`${at}/two-factor/verify-totp`, { code: codeNow() }, session))
  return async (proof) => {
    const held = await send(`${at}/sign-in/email`, { email, password }, { origin: url })
    const cookie = cookieHeader([held])
    const { twoFactorRedirect } = await read<{ twoFactorRedirect?: boolean }>(held)
    if (twoFactorRedirect !== true) throw new Error('Better Auth did not ask for the second factor.')
    const code = codeNow()
    const body = { code: proof === 'right' ? code : otherThan(code) }
    return send(`${at}/two-factor/verify-totp`, body, { origin: url, cookie })
  }
}

async function requestCode({ url }: Server, email: string): Promise<SignIn> {
  const origin = { origin: url }
  const request = { email, type: 'sign-in' }
  await read(await send(`${url}/api/auth/email-otp/send-verification-otp`, request, origin))
  const answer = await fetch(`${url}/mailed?${new URLSearchParams({ email })}`)
  const { code: otp } = await read<{ code: string }>(answer)
  return (proof) =>
    send(
      `${url}/api/auth/sign-in/email-otp`,
      { email, otp: proof === 'right' ? otp : otherThan(otp) },
      origin,
    )
}
