import { z } from 'zod'
import { isPasskeyOrigin } from '../../config/passkey-domain.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import type { ChallengePurpose } from '../../store/row-types.ts'
import { addChallenge, takeChallenge } from '../../store/webauthn-challenge.ts'
import { newOneTimeSecret, oneTimeHash } from '../../tokens/one-time-secret.ts'

/** Seconds for which a challenge can be answered. */
export const challengeSeconds = 600

/** What a challenge is for, and who may answer it (see `WebauthnChallengeRow`). */
export type ChallengeUse = { purpose: ChallengePurpose; boundTo: string }

/** Creates a challenge of 256 random bits. Only its hash is stored. */
export async function newChallenge(
  { database, clock, randomBytes }: Pick<Context, 'database' | 'clock' | 'randomBytes'>,
  use: ChallengeUse,
): Promise<Uint8Array<ArrayBuffer>> {
  const { secret, hash } = newOneTimeSecret(randomBytes)
  await addChallenge(database, { ...use, hash, expiresAt: clock() + challengeSeconds * 1000 })
  return Uint8Array.from(Buffer.from(secret, 'base64url'))
}

/** What the browser has signed, as far as it must be known before the signature is checked. */
const clientDataSchema = z.object({
  type: z.string(),
  challenge: z.string(),
  origin: z.string(),
  crossOrigin: z.literal(false).optional(),
  topOrigin: z.undefined().optional(),
})

/**
 * Reads what the browser has signed, and uses up the challenge. A challenge can be answered once, even if the answer turns out to be wrong.
 * Pages in a frame of another site are refused: the user might not see where they sign in.
 *
 * @throws FlowError `passkey_refused`.
 */
export async function spendChallenge(
  { config, database, clock }: Pick<Context, 'config' | 'database' | 'clock'>,
  use: ChallengeUse,
  type: 'webauthn.create' | 'webauthn.get',
  clientDataJson: string,
): Promise<{ challenge: string; origin: string; domain: string }> {
  const domain = passkeyDomain(config)
  const { data } = clientDataSchema.safeParse(parsed(clientDataJson))
  if (data === undefined || data.type !== type)
    throw refusedPasskey('the client data are malformed, of another type, or from a frame')
  const { challenge, origin } = data
  if (!isPasskeyOrigin(config, domain, origin)) throw refusedPasskey('the origin is not a page of ours')
  const hash = oneTimeHash(challenge)
  if (hash === null || !(await takeChallenge(database, { hash, ...use }, clock())))
    throw refusedPasskey('the challenge is unknown, expired or used')
  return { challenge, origin, domain }
}

/** Returns the RP ID. Without passkeys there is none, and no path leads here. */
export function passkeyDomain({ passkeys, passkeyDomain: domain }: Context['config']): string {
  if (!passkeys || domain === undefined) throw new FlowError('not_found', { reason: 'passkeys are off' })
  return domain
}

/** Returns the refusal of a passkey. The answer is always the same. `reason` is only logged. */
export function refusedPasskey(reason: string): FlowError {
  return new FlowError('passkey_refused', { reason })
}

function parsed(base64url: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64url, 'base64url').toString('utf8'))
  } catch {
    return null
  }
}
