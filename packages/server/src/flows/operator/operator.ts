import { emailSchema, nameSchema, type User, type UserFieldValue } from '@sallyport/protocol'
import type { z } from 'zod'
import { type AuditFilter, byOperator, eachAuditEvent, latestAuditEvents } from '../../services/audit-log.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import type { KeyDescription } from '../../services/signing-keys.ts'
import { toUser } from '../../services/to-user.ts'
import { countRoles } from '../../store/role-set.ts'
import { findSession } from '../../store/session.ts'
import type { StoredUser } from '../../store/user.ts'
import { endEverything } from '../session/end-everything.ts'
import { endAllAndAnnounce, endAndAnnounce } from '../session/end-session.ts'
import { liveSessionsOf } from '../session/sessions.ts'
import { requireAcceptablePassword } from '../sign-in/password.ts'
import { createUser, type NewUser } from '../sign-in/sign-up.ts'
import { cancelFactorRemoval, listFactors, planFactorRemoval, removeFactors } from './factors.ts'
import { type ExportOptions, exportUsers, type ImportOptions, importUsers } from './import-users.ts'
import {
  cancelDeletion,
  dropMember,
  eachMember,
  eachOrganization,
  findOrganizationOf,
  planDeletion,
  setMember,
} from './organizations.ts'
import { forgetSecrets, reportOnSecrets, resealSecrets } from './secrets.ts'
import { judgeFields, replaceFields, setFields } from './user-fields.ts'
import { disableUser, eachUser, findUser, replaceRoles, requireRoles, unlockUser } from './users.ts'
import { describeWaysIn } from './ways-in.ts'

/** A user as an operator sees them. Times are in milliseconds. */
export type OperatorUser = User & { signedInAt: number | null; disabledAt: number | null }

/** The data with which an operator creates a user. */
type UserToCreate = Omit<NewUser, 'fields'> & { fields?: Readonly<Record<string, UserFieldValue | null>> }

/** An open session as an operator sees it. Times are in milliseconds. */
export type OperatorSession = {
  id: string
  userId: string
  createdAt: number
  lastUsedAt: number
  expiresAt: number
  address: string | null
  userAgent: string | null
}

/** The functions for operators. The command line, seeds and scripts use them. No HTTP request can call them. */
export type Operator = ReturnType<typeof createOperator>

export function createOperator(context: Context) {
  const { signingKeys } = context
  return {
    users: {
      /**
       * Creates a user. No session begins.
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
      /** Returns the user with this id or address, or null if there is no such user. */
      async find(idOrEmail: string): Promise<OperatorUser | null> {
        const user = await findUser(context, idOrEmail)
        return user && describe(context, user)
      },
      /** Yields all users, oldest first. */
      async *list(): AsyncGenerator<OperatorUser> {
        for await (const user of eachUser(context)) yield describe(context, user)
      },
      /**
       * Returns the roles that users have, each with the number of its users, in the order of their names. A role that is no longer defined
       * is included.
       */
      countRoles: () => countRoles(context.database),
      /** Replaces the roles of a user. The new roles apply from the user's next request. The user's sessions continue. */
      setRoles: (id: string, roles: string[]) => replaceRoles(context, id, roles),
      /**
       * Sets some of the user fields that the app has declared. A field whose value is null is cleared. If a `claims` hook derives claims
       * from the fields, the tokens have the new claims from the next refresh.
       *
       * @throws FlowError `invalid_request`, `not_found`.
       */
      setFields: (id: string, fields: Readonly<Record<string, UserFieldValue | null>>) =>
        replaceFields(context, id, fields),
      /**
       * Adds users of another system, with their password hashes from that system, their accounts at outside providers, their second
       * factors and passkeys. Users whose address exists already are not changed. All rows of one call are added in one transaction. With
       * `dryRun`, nothing is added. `factorsKey` is the key of the export.
       *
       * @throws FlowError `invalid_request` when the key for the factors could be guessed.
       */
      import: (rows: readonly unknown[], options?: ImportOptions) => importUsers(context, rows, options),
      /**
       * Yields all users with their password hashes, identities, second factors and passkeys, oldest first. The audit log records the
       * export. The secrets of authenticator apps are included only with `factorsKey`, which encrypts them.
       *
       * @throws FlowError `invalid_request` when the key for the factors could be guessed.
       */
      exported: (options?: ExportOptions) => exportUsers(context, options),
      /** Ends the user's sessions. The user cannot sign in until they are enabled again. */
      disable: (id: string) => disableUser(context, id, true),
      enable: (id: string) => disableUser(context, id, false),
      /**
       * Resets the counts of wrong passwords for a user. So the user can sign in immediately, and does not have to wait until the delay
       * ends.
       *
       * @throws FlowError `not_found`.
       */
      unlock: (id: string) => unlockUser(context, id),
      /** Returns what a user can sign in with. */
      waysIn: (id: string) => describeWaysIn(context, id),
      /** Returns the second factors of a user, without their secrets, and when they will be removed. */
      factors: (id: string) => listFactors(context, id),
      /**
       * Removes one second factor of a user (`id`), or all of them. Ends all sessions of the user, and mails the user. `because` says how
       * the user has proved who they are. The audit log contains it, so it must not contain a secret.
       *
       * @throws FlowError `not_found`, `invalid_request`.
       */
      removeFactors: (userId: string, options: { id?: string | undefined; because: string }) =>
        removeFactors(context, userId, options),
      /**
       * Does the same as `removeFactors` after a waiting time of a minute to 30 days. The user gets a mail at once. The removal is cancelled
       * if the user proves two factors in the meantime. A user has at most one planned removal. Returns when the factor will be removed, in
       * milliseconds.
       *
       * @throws FlowError `not_found`, `invalid_request`.
       */
      planFactorRemoval: (
        userId: string,
        options: { id?: string | undefined; because: string; afterSeconds: number },
      ) => planFactorRemoval(context, userId, options),
      /** Cancels a planned removal of second factors. Returns false if none is planned. */
      cancelFactorRemoval: (userId: string) => cancelFactorRemoval(context, userId),
    },
    organizations: {
      /** Yields all organizations, oldest first. */
      list: () => eachOrganization(context),
      /** Returns the organization with this id, slug or former slug, or null if there is none. */
      find: (idOrSlug: string) => findOrganizationOf(context, idOrSlug),
      /** Yields the members of an organization. */
      members: (id: string) => eachMember(context, id),
      /**
       * Gives a user these roles in an organization. A user who is not a member becomes one.
       *
       * @throws FlowError `not_found`, `invalid_request`, `last_owner`.
       */
      setMember: (id: string, userId: string, roles: readonly string[]) =>
        setMember(context, id, userId, roles),
      /**
       * Removes a member. Their tokens for the organization are refused immediately.
       *
       * @throws FlowError `not_found`, `last_owner`.
       */
      removeMember: (id: string, userId: string) => dropMember(context, id, userId),
      /**
       * Marks an organization for deletion after 14 days. Its tokens are refused immediately. Returns when it will be deleted, in
       * milliseconds.
       *
       * @throws FlowError `not_found`.
       */
      delete: (id: string) => planDeletion(context, id),
      /**
       * Cancels the deletion of an organization.
       *
       * @throws FlowError `not_found`.
       */
      keep: (id: string) => cancelDeletion(context, id),
    },
    audit: {
      /** Reads the audit log page by page, oldest event first. Times are in milliseconds. `until` is exclusive. */
      read: (filter: AuditFilter = {}) => eachAuditEvent(context, filter),
      /** Reads the newest events of the audit log. Returns the oldest of them first. */
      latest: (lines: number, filter: Pick<AuditFilter, 'userId'> = {}) =>
        latestAuditEvents(context, lines, filter),
    },
    sessions: {
      /** Returns the open sessions of a user, at most 200. The session that was used last comes first. */
      async list(userId: string): Promise<OperatorSession[]> {
        const sessions = await liveSessionsOf(context, userId)
        return sessions.map(({ id, createdAt, lastUsedAt, expiresAt, address, userAgent }) => {
          return { id, userId, createdAt, lastUsedAt, expiresAt, address, userAgent }
        })
      },
      /**
       * Ends one session. Its tokens are refused everywhere immediately. Returns false if there is no session with this id. If the session
       * has ended already, nothing changes.
       */
      async revoke(id: string): Promise<boolean> {
        if ((await findSession(context.database, id)) === null) return false
        await endAndAnnounce(context, id, 'operator', {
          action: 'session_ended',
          actor: 'operator',
          source: null,
        })
        return true
      },
      /** Ends all sessions of all users. All tokens, pending links and pending mails become invalid. Returns the number of sessions. */
      revokeEverybody: async (): Promise<number> => {
        const ended = await endEverything(context, 'operator')
        await byOperator(context, context.database, 'sessions_ended', null, { sessions: ended })
        return ended
      },
      /** Ends all sessions of a user. The tokens of these sessions are refused everywhere immediately. Returns the number of sessions. */
      revokeAll: async (userId: string): Promise<number> =>
        (await endAllAndAnnounce(context, userId, { reason: 'operator' }, async (transaction) => {
          await byOperator(context, transaction, 'sessions_ended', userId)
          return true
        })) ?? 0,
    },
    secret: {
      /** Returns how many stored values are encrypted under the current secret, under an earlier one, and under an unknown one. */
      report: () => reportOnSecrets(context),
      /**
       * Encrypts all stored values again under the first secret of `SALLYPORT_SECRET`. Afterwards the other secrets can be removed from the
       * setting.
       */
      reseal: (onProgress?: (rows: number) => void) => resealSecrets(context, onProgress),
      /**
       * Use this after a secret has leaked. Makes everything invalid that was made with other secrets than the first of `SALLYPORT_SECRET`,
       * and ends all sessions. Returns the number of sessions.
       */
      forget: () => forgetSecrets(context),
    },
    keys: {
      list: (): KeyDescription[] => signingKeys.describe(),
      /**
       * Makes the reserve key, which is the next signing key, sign as soon as every verifier has received it. Returns that time, in
       * milliseconds.
       */
      rotate: () =>
        signingKeys.rotate((transaction) => byOperator(context, transaction, 'keys_rotated', null)),
      /**
       * Marks a key as compromised. The tokens that it has signed are refused everywhere immediately. Sessions continue.
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

/** Returns the text in the normalized form that the schema produces. A sign-in searches for the same form. */
function parsed(field: string, schema: z.ZodType<string>, text: string): string {
  const result = schema.safeParse(text)
  if (result.success) return result.data
  const message = result.error.issues[0]?.message ?? 'This is not valid.'
  throw new FlowError('invalid_request', { details: { errors: [{ field, message }] } })
}

/** Returns a user with all fields. Operators may also read hidden fields. */
function describe({ config }: Context, user: StoredUser): OperatorUser {
  const { signedInAt, disabledAt } = user
  const fields = config.userFields.isEmpty ? {} : { fields: config.userFields.known(user.fields) }
  return { ...toUser(config, user), ...fields, signedInAt, disabledAt }
}
