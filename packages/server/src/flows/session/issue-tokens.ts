import { randomUUID } from 'node:crypto'
import { freshProofMs } from '@sallyport/protocol'
import { record } from '../../services/audit-log.ts'
import type { Caller, Context } from '../../services/context.ts'
import type { Turn } from '../../services/throttles.ts'
import { permissionsInToken } from '../../services/token-size.ts'
import { openSession, type StoredSession } from '../../store/session.ts'
import { type StoredUser, setDeletion } from '../../store/user.ts'
import { inSpan } from '../../telemetry/traces.ts'
import { signAccessToken } from '../../tokens/access-token.ts'
import { type AddedClaims, addedClaims } from './added-claims.ts'
import { deviceOf, welcomeDevice } from './devices.ts'
import { absoluteEndOf } from './session-life.ts'

export type IssuedTokens = {
  accessToken: string
  refreshToken: string
  expiresIn: number
  refreshExpiresIn: number
  /** After a sign-in: by what the browser is known again. */
  device?: string
}

/**
 * Opens a session for somebody whose password has just been checked against this hash, and issues its first tokens. Null if the hash
 * is not theirs any more, or they are disabled.
 */
export async function beginSession(
  context: Context,
  user: StoredUser,
  passwordHash: string,
  caller: Caller,
  turn?: Pick<Turn, 'settle'>,
): Promise<IssuedTokens | null> {
  const { config, clock, newId, newSalt, database } = context
  const id = newId()
  // Before there is a session, which nobody would have if this failed.
  const added = await addedClaims(context, user, id).catch(async (error: unknown) => {
    // Whoever finds the right password meanwhile leaves a line as well: those who did not have left theirs.
    await record(context, database, caller, {
      action: 'sign_in',
      result: 'refused',
      userId: user.id,
      details: { reason: 'claims' },
    })
    throw error
  })
  const now = clock()
  const device = deviceOf(context, caller)
  const session: StoredSession = {
    id,
    userId: user.id,
    salt: newSalt(),
    generation: 0,
    parentBranch: -1,
    branches: 1,
    openedAt: now,
    methods: ['pwd'],
    authenticatedAt: now,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: now + config.sessionAbsoluteSeconds * 1000,
    endedAt: null,
    endReason: null,
    idleSeconds: config.sessionIdleSeconds,
    address: caller.address,
    userAgent: caller.userAgent,
  }
  const open = () =>
    openSession(database, session, passwordHash, async (transaction, { deleteAt }) => {
      const about = { userId: user.id, sessionId: session.id }
      await record(context, transaction, caller, { action: 'sign_in', ...about })
      await welcomeDevice(context, transaction, user, device, caller)
      await turn?.settle(transaction)
      if (deleteAt === null) return
      // Signing in within the grace keeps an account that was to be deleted.
      await setDeletion(transaction, user.id, null)
      await record(context, transaction, caller, { action: 'account_kept', ...about })
    })
  if (!(await inSpan('sallyport.open_session', open))) return null
  context.mailer.wake()
  return { ...issueTokens(context, session, user, { generation: 0, branch: 0 }, added), device }
}

/** Not 0: some code takes that for a claim that is missing, and asks for no proof. */
const longAgo = 1

/**
 * When the password was last proven, in seconds; never later than `now`, because a token that names a time to come is refused everywhere.
 * Where the clock has been put back since, nobody can tell how old the proof is: it counts as an old one.
 */
function authTimeOf({ authenticatedAt }: StoredSession, now: number): number {
  return authenticatedAt - now > freshProofMs ? longAgo : Math.floor(Math.min(now, authenticatedAt) / 1000)
}

type TokenMaking = Pick<Context, 'config' | 'clock' | 'refreshTokens'> & {
  signingKeys: Pick<Context['signingKeys'], 'current'>
}

/** The pair of tokens for one branch of a session: the refresh token is derived anew, the access token always fresh. */
export function issueTokens(
  { config, clock, refreshTokens, signingKeys }: TokenMaking,
  session: StoredSession,
  user: StoredUser,
  { generation, branch }: { generation: number; branch: number },
  added: AddedClaims,
): IssuedTokens {
  const now = clock()
  const iat = Math.floor(now / 1000)
  // No token outlives its session's absolute end.
  const sessionEnd = absoluteEndOf(session, config)
  const expiresIn = Math.max(1, Math.min(config.accessTokenTtlSeconds, Math.floor((sessionEnd - now) / 1000)))
  const permissions = permissionsInToken({ config }, user)
  const accessToken = signAccessToken(
    {
      // First: nothing of ours could be replaced by it, even if it got this far.
      ...added.claims,
      iss: config.issuer,
      aud: config.audience,
      client_id: config.clientId,
      sub: user.id,
      sid: session.id,
      ver: user.version,
      jti: randomUUID(),
      iat,
      exp: iat + expiresIn,
      auth_time: authTimeOf(session, now),
      amr: session.methods,
      roles: user.roles,
      ...(permissions.length > 0 && { permissions }),
    },
    signingKeys.current(),
  )
  const idleEnd = now + config.sessionIdleSeconds * 1000
  return {
    accessToken,
    refreshToken: refreshTokens.make(session.id, session.salt, generation, branch),
    expiresIn,
    refreshExpiresIn: Math.max(1, Math.floor((Math.min(idleEnd, sessionEnd) - now) / 1000)),
  }
}
