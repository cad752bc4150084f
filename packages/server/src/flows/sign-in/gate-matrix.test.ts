import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { SallyportOptions } from '../../config/config.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { addUser, findUserById, type StoredUser } from '../../store/user.ts'
import { flowContext } from '../../testing/flow-context.ts'
import { claimsOf } from '../../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../../testing/stores.ts'
import { beginSession } from './gate.ts'

/** What each way in proves. A way with `mfa` has proved two factors by itself. */
const ways = {
  password: ['pwd'],
  'mailed code': ['otp'],
  'outside provider': ['fed'],
  passkey: ['hwk', 'user', 'mfa'],
} as const
type Way = keyof typeof ways

const policies = {
  off: { secondFactor: 'off' },
  optional: {},
  'required for the role finance': { secondFactorRoles: 'finance' },
  required: { secondFactor: 'required' },
} satisfies Record<string, SallyportOptions>
type Policy = keyof typeof policies

const states = ['active', 'disabled', 'unverified', 'deletion pending', 'changed meanwhile'] as const
const factors = ['none', 'totp', 'totp, unconfirmed', 'totp, trusted browser', 'totp, trust expired'] as const
const roles = ['member', 'finance'] as const

type Case = {
  way: Way
  state: (typeof states)[number]
  factor: (typeof factors)[number]
  role: (typeof roles)[number]
  policy: Policy
}

/** What the gate must do, written down once more and independently of its code. */
function expected({ way, state, factor, role, policy }: Case): string {
  if (state === 'disabled') return 'nothing'
  if (state === 'unverified') return 'address_unverified'
  if (state === 'changed meanwhile') return 'nothing'
  if (way === 'passkey') return 'session at aal2'
  if (factor === 'totp' || factor === 'totp, trust expired') return 'second_factor_required'
  if (factor === 'totp, trusted browser') return 'session at aal1'
  const isRequired =
    policy === 'required' || (policy !== 'off' && policy !== 'optional' && role === 'finance')
  return isRequired ? 'second_factor_setup_required' : 'session at aal1'
}

const device = 'the-device-cookie-of-this-browser'
const source: RequestSource = {
  ...{ address: '192.0.2.7', userAgent: 'test', requestId: null, signal: null, limits: [] },
  device,
}

async function personFor(context: Context, { state, factor, role }: Case): Promise<StoredUser> {
  const { database, clock, newId, keyring } = context
  const now = clock()
  const user: StoredUser = {
    id: newId(),
    email: `${newId()}@example.com`,
    name: 'Ada',
    roles: [role],
    version: 0,
    createdAt: now,
    updatedAt: now,
    signedInAt: null,
    disabledAt: state === 'disabled' ? now : null,
    emailVerifiedAt: state === 'unverified' ? null : now,
    deleteAt: state === 'deletion pending' ? now + 1000 : null,
    fields: {},
  }
  await addUser(database, user, 'hash')
  const { id: userId } = user
  if (factor !== 'none')
    await database
      .insertInto('totp')
      .values({
        ...{
          id: newId(),
          userId,
          name: 'Phone',
          sealedSecret: '',
          createdAt: now,
          lastStep: -1,
          lastUsedAt: null,
        },
        confirmedAt: factor === 'totp, unconfirmed' ? null : now,
      })
      .execute()
  if (factor.startsWith('totp, trust')) {
    const [key = ''] = keyring.macKeys('device')
    const hash = createHmac('sha256', key).update(device).digest('base64url')
    const trustedUntil = factor === 'totp, trust expired' ? now : now + 1
    await database
      .insertInto('known_device')
      .values({ userId, hash, createdAt: now, seenAt: now, trustedUntil })
      .execute()
  }
  return user
}

/** The decision does not depend on the database, so one policy is enough for PostgreSQL. */
const policiesOn = {
  SQLite: Object.keys(policies) as Policy[],
  PostgreSQL: ['required for the role finance'],
} satisfies Record<StoreKind, Policy[]>

describe.each(storeKinds)('on %s', (kind) => {
  test.each(policiesOn[kind])(
    'with the policy %s, a session begins exactly when the policy is met, whatever the way in [M04]',
    async (policy) => {
      const store = await freshStore(kind)
      const { context, clock } = await flowContext(store, {
        ...policies[policy],
        emailVerification: 'sign-in',
        developmentInbox: true,
      })
      const cases = (Object.keys(ways) as Way[]).flatMap((way) =>
        states.flatMap((state) =>
          factors.flatMap((factor) => roles.map((role) => ({ way, state, factor, role, policy }))),
        ),
      )
      expect(cases).toHaveLength(200)
      for (const each of cases) {
        // The limits of mails are not the point here.
        clock.advance(3600)
        const user = await personFor(context, each)
        if (each.state === 'changed meanwhile')
          await context.database.updateTable('user').set({ version: 1 }).where('id', '=', user.id).execute()
        const methods = ways[each.way]
        const proof = { methods, unchanged: { version: user.version } }
        const result = await beginSession(context, user, proof, source).catch((error: unknown) => {
          if (error instanceof FlowError) return { status: error.code }
          throw error
        })
        const claims =
          result !== null && 'tokens' in result ? claimsOf(result.tokens.accessToken) : { acr: undefined }
        const seen = result === null ? 'nothing' : claims.acr ? `session at ${claims.acr}` : result.status
        expect([each, seen]).toEqual([each, expected(each)])
        const opened = await context.database
          .selectFrom('session')
          .select(['methods', 'authenticatedAt'])
          .where('userId', '=', user.id)
          .execute()
        const pending = await context.database
          .selectFrom('pending_sign_in')
          .select('methods')
          .where('userId', '=', user.id)
          .execute()
        const rows = { opened: opened.length, pending: pending.length }
        const isOpen = seen.startsWith('session')
        const isPending = seen.startsWith('second_factor')
        expect([each, rows]).toEqual([each, { opened: isOpen ? 1 : 0, pending: isPending ? 1 : 0 }])
        if (isOpen) {
          expect(claims).toMatchObject({
            amr: methods,
            auth_time: Math.floor(clock.now / 1000),
            sub: user.id,
          })
          const kept = await findUserById(context.database, user.id)
          expect([each, kept?.deleteAt]).toEqual([each, null])
        }
        // A pending sign-in is no sign-in: it does not cancel a deletion.
        if (isPending && each.state === 'deletion pending')
          expect((await findUserById(context.database, user.id))?.deleteAt).toBe(user.deleteAt)
      }
    },
    30_000,
  )
})
