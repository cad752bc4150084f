import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import * as protocol from './index.ts'

type Row = {
  schema: z.ZodObject
  /** A body with all members. */
  whole: Record<string, unknown>
  /** The members that may be missing. */
  optional?: readonly string[]
  /** For each member, values that are invalid. */
  wrong: Record<string, readonly unknown[]>
}

const text = [7, null, ['x'], {}]
const flag = ['true', 1, null]
const whole = [1.5, '1', null, Number.NaN]
const positive = [...whole, 0, -1]
const list = ['x', {}, null]
const transport = ['header', '', null]
const password = [...text, '', 'x'.repeat(1025)]
const email = ['', 'a b@example.com', 'x'.repeat(255)]
const address = ['', 'x'.repeat(255), 7, null]
const factorName = [...text, '', ' ', 'x'.repeat(101)]
const factorId = [...text, '', 'x'.repeat(65)]
const token = [...text, '', 'x'.repeat(129)]

const user = {
  ...{ id: 'u-1', email: 'a@example.com', name: 'Ada', roles: ['member'], emailVerified: true, createdAt: 0 },
}
const session = {
  ...{ id: 's-1', current: true, createdAt: 1, lastUsedAt: 2, expiresAt: 3 },
  ...{ address: '203.0.113.9', userAgent: 'Firefox' },
}
const factor = { id: 'f-1', kind: 'totp', name: 'Phone', createdAt: 1, lastUsedAt: null }
const event = {
  ...{ id: 'e-1', at: 1, action: 'login', result: 'success', address: '203.0.113.9', userAgent: 'Firefox' },
}
const mail = { id: 'm-1', to: 'a@example.com', at: 1, subject: 'Hello', html: '<p>', text: 'Hello' }
const tokens = { accessToken: 'a', refreshToken: 'r', expiresIn: 600 }
/** A nested body is invalid if one of its members is missing. */
const without = (body: Record<string, unknown>) =>
  Object.keys(body).map((name) => ({ ...body, [name]: undefined }))

const requests: Record<string, Row> = {
  signUpRequestSchema: {
    schema: protocol.signUpRequestSchema,
    whole: { email: 'a@example.com', password: 'p', name: 'Ada', transport: 'bearer' },
    optional: ['transport'],
    wrong: { email, password, name: ['', ' ', 'x'.repeat(101)], transport },
  },
  signInRequestSchema: {
    schema: protocol.signInRequestSchema,
    // The server answers malformed and unknown addresses in the same way.
    whole: { email: 'no address', password: 'p', transport: 'cookie' },
    optional: ['transport'],
    wrong: { email: address, password, transport },
  },
  refreshRequestSchema: {
    schema: protocol.refreshRequestSchema,
    whole: { refreshToken: 'r' },
    optional: ['refreshToken'],
    wrong: { refreshToken: [...text, '', 'x'.repeat(513)] },
  },
  passwordChangeRequestSchema: {
    schema: protocol.passwordChangeRequestSchema,
    whole: { currentPassword: 'p', newPassword: 'q' },
    wrong: { currentPassword: password, newPassword: password },
  },
  typedAddressSchema: {
    schema: protocol.typedAddressSchema,
    whole: { email: 'no address' },
    wrong: { email: address },
  },
  verifyAddressRequestSchema: {
    schema: protocol.verifyAddressRequestSchema,
    whole: { token: 't', password: 'p', transport: 'bearer' },
    optional: ['password', 'transport'],
    wrong: { token, password, transport },
  },
  passwordResetRequestSchema: {
    schema: protocol.passwordResetRequestSchema,
    whole: { token: 't', newPassword: 'p' },
    wrong: { token, newPassword: password },
  },
  emailChangeRequestSchema: {
    schema: protocol.emailChangeRequestSchema,
    whole: { newEmail: 'a@example.com', password: 'p' },
    optional: ['password'],
    wrong: { newEmail: email, password },
  },
  emailChangeConfirmRequestSchema: {
    schema: protocol.emailChangeConfirmRequestSchema,
    whole: { token: 't', password: 'p' },
    optional: ['password'],
    wrong: { token, password },
  },
  reauthenticationRequestSchema: {
    schema: protocol.reauthenticationRequestSchema,
    whole: { password: 'p' },
    wrong: { password },
  },
  accountDeletionRequestSchema: {
    schema: protocol.accountDeletionRequestSchema,
    whole: { password: 'p' },
    optional: ['password'],
    wrong: { password },
  },
  totpStartRequestSchema: {
    schema: protocol.totpStartRequestSchema,
    whole: { name: 'Phone' },
    optional: ['name'],
    wrong: { name: factorName },
  },
  totpConfirmRequestSchema: {
    schema: protocol.totpConfirmRequestSchema,
    whole: { id: 'f-1', code: '012345', name: 'Phone' },
    optional: ['name'],
    wrong: { id: factorId, code: ['', '12345', '1234567', '12345a', 123456, null], name: factorName },
  },
  factorRenameRequestSchema: {
    schema: protocol.factorRenameRequestSchema,
    whole: { id: 'f-1', name: 'Phone' },
    wrong: { id: factorId, name: factorName },
  },
  factorRemoveRequestSchema: {
    schema: protocol.factorRemoveRequestSchema,
    whole: { id: 'f-1' },
    wrong: { id: factorId },
  },
}

const answers: Record<string, Row> = {
  factorsResponseSchema: {
    schema: protocol.factorsResponseSchema,
    whole: {
      factors: [factor],
      recoveryCodesLeft: 10,
      hasPassword: true,
      isRequired: false,
      trustedBrowsers: 0,
      plannedRemoval: { id: 'f-1', removeAt: 3 },
    },
    wrong: {
      factors: [...list, [null], ...without({ ...factor, lastUsedAt: 2 }).map((one) => [one])],
      recoveryCodesLeft: [...whole, -1],
      hasPassword: flag,
      isRequired: flag,
      trustedBrowsers: [...whole, -1],
      plannedRemoval: [
        1,
        {},
        { id: 1, removeAt: 3 },
        { id: null, removeAt: 0.5 },
        { id: null, removeAt: null },
      ],
    },
  },
  totpStartedSchema: {
    schema: protocol.totpStartedSchema,
    whole: { id: 'f-1', secret: 's', uri: 'otpauth://totp/', qrCode: '<svg>' },
    wrong: { id: text, secret: text, uri: text, qrCode: text },
  },
  recoveryCodesResponseSchema: {
    schema: protocol.recoveryCodesResponseSchema,
    whole: { recoveryCodes: ['a'] },
    wrong: { recoveryCodes: [...list, [7]] },
  },
  signInResponseSchema: {
    schema: protocol.signInResponseSchema,
    whole: { user, ...tokens },
    optional: ['accessToken', 'refreshToken'],
    wrong: { user: [null, ...without(user)], expiresIn: positive, accessToken: text, refreshToken: text },
  },
  bearerTokensSchema: {
    schema: protocol.bearerTokensSchema,
    whole: tokens,
    wrong: { accessToken: [...text, ''], refreshToken: [...text, ''], expiresIn: positive },
  },
  refreshResponseSchema: {
    schema: protocol.refreshResponseSchema,
    whole: tokens,
    optional: ['accessToken', 'refreshToken'],
    wrong: { accessToken: text, refreshToken: text, expiresIn: positive },
  },
  sessionResponseSchema: {
    schema: protocol.sessionResponseSchema,
    whole: { user, session: { id: 's-1', createdAt: 1, authenticatedAt: 2, expiresAt: 3 } },
    wrong: {
      user: [null, ...without(user)],
      session: [
        null,
        ...without({ id: 's-1', createdAt: 1, authenticatedAt: 2, expiresAt: 3 }),
        { id: 's-1', createdAt: 1.5, authenticatedAt: 2, expiresAt: 3 },
        { id: 's-1', createdAt: 1, authenticatedAt: 2.5, expiresAt: 3 },
        { id: 's-1', createdAt: 1, authenticatedAt: 2, expiresAt: 3.5 },
      ],
    },
  },
  sessionDescriptionSchema: {
    schema: protocol.sessionDescriptionSchema,
    whole: session,
    wrong: {
      ...{ id: text, current: flag, createdAt: whole, lastUsedAt: whole, expiresAt: whole },
      ...{ address: [7, undefined], userAgent: [7, undefined] },
    },
  },
  sessionsResponseSchema: {
    schema: protocol.sessionsResponseSchema,
    whole: { sessions: [session] },
    wrong: { sessions: [...list, ...without(session).map((one) => [one])] },
  },
  sessionsEndedResponseSchema: {
    schema: protocol.sessionsEndedResponseSchema,
    whole: { ended: 0 },
    wrong: { ended: [...whole, -1] },
  },
  signUpMailedSchema: {
    schema: protocol.signUpMailedSchema,
    whole: { status: 'mailed' },
    wrong: { status: ['sent', null] },
  },
  accountDeletionResponseSchema: {
    schema: protocol.accountDeletionResponseSchema,
    whole: { deleteAt: 1 },
    wrong: { deleteAt: whole },
  },
  activitySchema: {
    schema: protocol.activitySchema,
    whole: event,
    wrong: { id: text, at: whole, action: text, result: ['failed', null], address: [7], userAgent: [7] },
  },
  activityResponseSchema: {
    schema: protocol.activityResponseSchema,
    whole: { activity: [event] },
    wrong: { activity: [...list, ...without(event).map((one) => [one])] },
  },
  inboxMailSchema: {
    schema: protocol.inboxMailSchema,
    whole: mail,
    wrong: { id: text, to: text, at: whole, subject: text, html: text, text },
  },
  inboxResponseSchema: {
    schema: protocol.inboxResponseSchema,
    whole: { mails: [mail] },
    wrong: { mails: [...list, ...without(mail).map((one) => [one])] },
  },
}

describe.each(Object.entries({ ...requests, ...answers }))(
  '%s',
  (name, { schema, whole, optional = [], wrong }) => {
    it('accepts a complete body, and requires each member that is not optional', () => {
      expect(schema.parse(whole)).toEqual(whole)
      const needed = Object.keys(whole).filter((member) => {
        const { [member]: _, ...rest } = whole
        return !schema.safeParse(rest).success
      })
      expect(needed).toEqual(Object.keys(whole).filter((member) => !optional.includes(member)))
      expect(Object.keys(wrong).sort()).toEqual(Object.keys(whole).sort())
    })

    it('refuses members of another type or size', () => {
      for (const [member, values] of Object.entries(wrong))
        for (const value of values)
          expect(schema.safeParse({ ...whole, [member]: value }).success, `${member}: ${value}`).toBe(false)
    })

    it(`${name in requests ? 'refuses' : 'removes'} unknown members`, () => {
      const { success, data } = schema.safeParse({ ...whole, isAdmin: true })
      if (name in requests) expect(success).toBe(false)
      else expect(data).toEqual(whole)
    })
  },
)

it('limits the length of passwords, link tokens and refresh tokens', () => {
  expect(protocol.passwordSchema.parse('x'.repeat(1024))).toHaveLength(1024)
  expect(protocol.mailedTokenSchema.parse('x'.repeat(128))).toHaveLength(128)
  const refreshToken = 'x'.repeat(512)
  expect(protocol.refreshRequestSchema.parse({ refreshToken })).toEqual({ refreshToken })
  const email = 'x'.repeat(254)
  expect(protocol.signInRequestSchema.parse({ email, password: 'p' }).email).toBe(email)
  expect(protocol.typedAddressSchema.parse({ email })).toEqual({ email })
})

it('accepts null as address and user agent of a session or an event', () => {
  for (const [schema, body] of [
    [protocol.sessionDescriptionSchema, session],
    [protocol.activitySchema, event],
  ] as const) {
    const unknown = { ...body, address: null, userAgent: null }
    expect(schema.parse(unknown)).toEqual(unknown)
  }
})

it('accepts two outcomes of events and two transports of tokens', () => {
  expect(protocol.activitySchema.parse({ ...event, result: 'refused' }).result).toBe('refused')
  expect(protocol.transportSchema.options).toEqual(['cookie', 'bearer'])
})

it('allows sensitive actions for ten minutes after authentication', () => {
  expect(protocol.freshProofMs).toBe(600_000)
})
