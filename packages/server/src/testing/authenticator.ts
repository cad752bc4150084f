import { paths } from '@sallyport/protocol/endpoints'
import { totpCode, totpStep } from '../tokens/totp.ts'
import { password, type TestServer } from './sallyport.ts'

/** An authenticator app that a test has set up, and its recovery codes. */
export type Authenticator = { secret: string; codeAt(now: number): string; recoveryCodes: string[] }

export function authenticator(secret: string, recoveryCodes: string[] = []): Authenticator {
  return { secret, codeAt: (now) => totpCode(secret, totpStep(now)), recoveryCodes }
}

/**
 * Sets up an authenticator app for a user who has no second factor, as the user does it at a sign-in. The server must require a second
 * factor of the user. The time step of the first code is over afterwards.
 */
export async function setUpTotp(server: TestServer, email = 'ada@example.com'): Promise<Authenticator> {
  const read = async <T>(answer: Response, status: number) => {
    const body: unknown = await answer.json()
    if (answer.status !== status) throw new Error(`${answer.status}: ${JSON.stringify(body)}`)
    return body as T
  }
  const transport = 'bearer'
  const held = await server.post(paths.signIn, { email, password, transport })
  const { pendingSignIn } = await read<{ pendingSignIn: string }>(held, 202)
  const started = await server.post(paths.startSecondFactor, { pendingSignIn })
  const { id, secret } = await read<{ id: string; secret: string }>(started, 200)
  const code = authenticator(secret).codeAt(server.clock.now)
  const finished = await server.post(paths.finishSecondFactor, { transport, pendingSignIn, id, code })
  const { recoveryCodes } = await read<{ recoveryCodes: string[] }>(finished, 200)
  server.clock.advance(30)
  return authenticator(secret, recoveryCodes)
}
