import { emailSchema, nameSchema, type User, type UserFieldValue } from '@sallyport/protocol'
import type { z } from 'zod'
import { type AuditFilter, byOperator, eachAuditEvent, latestAuditEvents } from '../../services/audit-log.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import type { KeyDescription } from '../../services/signing-keys.ts'
import { toUser } from '../../services/to-user.ts'
import { findSession } from '../../store/session.ts'
import type { StoredUser } from '../../store/user.ts'
import { endEverything } from '../session/end-everything.ts'
import { endAllAndAnnounce, endAndAnnounce } from '../session/end-session.ts'
import { liveSessionsOf } from '../session/sessions.ts'
import { requireAcceptablePassword } from '../sign-in/password.ts'
import { createUser, type NewUser } from '../sign-in/sign-up.ts'
import { exportUsers, importUsers } from './import-users.ts'
import { forgetSecrets, reportOnSecrets, resealSecrets } from './secrets.ts'
import { judgeFields, replaceFields, setFields } from './user-fields.ts'
import { disableUser, eachUser, findUser, replaceRoles, requireRoles, unlockUser } from './users.ts'

/** A user as returned to an operator; times in milliseconds. */
export type OperatorUser = User & { signedInAt: number | null; disabledAt: number | null }

/** The data with which an operator creates a user. */
type UserToCreate = Omit<NewUser, 'fields'> & { fields?: Readonly<Record<string, UserFieldValue | null>> }

/** An open session as returned to an operator; times in milliseconds. */
export type OperatorSession = {
  id: string
  userId: string
  createdAt: number
  lastUsedAt: number
  expiresAt: number
  address: string | null
  userAgent: string | null
}

/** Functions for operators: for the command line, seeds and scripts. No request can call them. */
export type Operator = ReturnType<typeof createOperator>

export function createOperator(context: Context) {
  const { signingKeys } = context
  return {
    users: {
      /**
       * Creates a user without signing in.
       *
       * @throws FlowError `email_unavailable`, `invalid_request`.
       */
      async create({ email, name, fields = {}, ...rest }: UserToCreate): Promise<OperatorUser> {
        requireRoles(context, rest.roles ?? [])
        const canonical = {
          ...rest,
          email: parsed('email', emailSchema, email),
          name: parsed('name', nameSchema, name),
          fields: setFields(judgeFields(context, fields)),
        }
        const password = await requireAcceptablePassword(context, rest.password, canonical)
        const { user } = await createUser(context, { ...canonical, password }, null)
        return describe(context, user)
      },
      /** Returns a user by id or address; null if there is none. */
      async find(idOrEmail: string): Promise<OperatorUser | null> {
        const user = await findUser(context, idOrEmail)
        return user && describe(context, user)
      },
      /** Yields all users, oldest first. */
      async *list(): AsyncGenerator<OperatorUser> {
        for await (const user of eachUser(context)) yield describe(context, user)
      },
      /** Replaces the roles, in force at the user's next request. Nobody is signed out. */
      setRoles: (id: string, roles: string[]) => replaceRoles(context, id, roles),
      /**
       * Sets some of the product's own fields, and clears those that are null. What a `claims` hook derives from them is in tokens from the next
       * refresh on.
       *
       * @throws FlowError `invalid_request`, `not_found`.
       */
      setFields: (id: string, fields: Readonly<Record<string, UserFieldValue | null>>) =>
        replaceFields(context, id, fields),
      /**
       * Adds users of another system, with the hashes they have; users who exist already are not changed. All rows of a
       * call are added in one transaction. With `dryRun` nothing is added.
       */
      import: (rows: readonly unknown[], options?: { dryRun?: boolean }) =>
        importUsers(context, rows, options),
      /** Returns all users with their password hashes, oldest first. The export is recorded in the audit log. */
      exported: () => exportUsers(context),
      /** Ends the user's sessions and refuses new ones. */
      disable: (id: string) => disableUser(context, id, true),
      enable: (id: string) => disableUser(context, id, false),
      /**
       * Ends the wait after too many wrong passwords.
       *
       * @throws FlowError `not_found`.
       */
      unlock: (id: string) => unlockUser(context, id),
    },
    audit: {
      /** Reads the audit log, oldest first, a page at a time. Times are milliseconds; `until` is not included. */
      read: (filter: AuditFilter = {}) => eachAuditEvent(context, filter),
      /** Reads the newest events of the audit log, oldest first. */
      latest: (lines: number, filter: Pick<AuditFilter, 'userId'> = {}) =>
        latestAuditEvents(context, lines, filter),
    },
    sessions: {
      /** Returns the open sessions of a user, last used first; 200 at most. */
      async list(userId: string): Promise<OperatorSession[]> {
        const sessions = await liveSessionsOf(context, userId)
        return sessions.map(({ id, createdAt, lastUsedAt, expiresAt, address, userAgent }) => {
          return { id, userId, createdAt, lastUsedAt, expiresAt, address, userAgent }
        })
      },
      /** Ends one session, everywhere at once. Returns false if there is no session with this id. Ending it again changes nothing. */
      async revoke(id: string): Promise<boolean> {
        if ((await findSession(context.database, id)) === null) return false
        await endAndAnnounce(context, id, 'operator', {
          action: 'session_ended',
          actor: 'operator',
          source: null,
        })
        return true
      },
      /** Ends all sessions of all users, with every token and every pending link and mail. Returns the number of sessions. */
      revokeEverybody: async (): Promise<number> => {
        const ended = await endEverything(context, 'operator')
        await byOperator(context, context.database, 'sessions_ended', null, { sessions: ended })
        return ended
      },
      /** Ends all sessions of a user, everywhere at once. Returns the number of sessions. */
      revokeAll: async (userId: string): Promise<number> =>
        (await endAllAndAnnounce(context, userId, { reason: 'operator' }, async (transaction) => {
          await byOperator(context, transaction, 'sessions_ended', userId)
          return true
        })) ?? 0,
    },
    secret: {
      /** Returns what is sealed under which secret. */
      report: () => reportOnSecrets(context),
      /** Seals everything under the first secret of `SALLYPORT_SECRET`. The others can be removed afterwards. */
      reseal: (onProgress?: (rows: number) => void) => resealSecrets(context, onProgress),
      /** After a leak: refuses everything made under any secret but the first, and ends all sessions. Returns their number. */
      forget: () => forgetSecrets(context),
    },
    keys: {
      list: (): KeyDescription[] => signingKeys.describe(),
      /** Lets the reserve key take over once every verifier knows it. Returns that time, in milliseconds. */
      rotate: () =>
        signingKeys.rotate((transaction) => byOperator(context, transaction, 'keys_rotated', null)),
      /**
       * Declares a key compromised: its tokens are refused everywhere at once. Sessions continue.
       *
       * @throws FlowError `not_found`.
       */
      revoke: (kid: string) =>
        signingKeys.revoke(kid, (transaction) =>
          byOperator(context, transaction, 'key_revoked', null, { kid }),
        ),
    },
  }
}

/** Returns the text in the normalized form that a sign-in looks for. */
function parsed(field: string, schema: z.ZodType<string>, text: string): string {
  const result = schema.safeParse(text)
  if (result.success) return result.data
  const message = result.error.issues[0]?.message ?? 'This is not valid.'
  throw new FlowError('invalid_request', { details: { errors: [{ field, message }] } })
}

/** Returns a user with hidden fields, which operators may read. */
function describe({ config }: Context, user: StoredUser): OperatorUser {
  const { signedInAt, disabledAt } = user
  const fields = config.userFields.isEmpty ? {} : { fields: config.userFields.known(user.fields) }
  return { ...toUser(config, user), ...fields, signedInAt, disabledAt }
}
