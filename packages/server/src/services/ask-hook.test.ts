import { describe, expect, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import type { StoredUser } from '../store/user.ts'
import { testOptions } from '../testing/sallyport.ts'
import { sourceFrom } from '../testing/throttle-context.ts'
import { hookUserOf, requireOwnConsent } from './ask-hook.ts'

const config = readConfig(testOptions)
const attempt = { email: 'ada@example.com', name: 'Ada', fields: {} }

/** The outcome of a sign-up for which the hook returns this: `in`, the errors of the refusal, or the code and what is logged. */
async function outcomeOf(answer: unknown): Promise<unknown> {
  const faults: unknown[] = []
  const context = {
    config,
    hooks: { beforeSignUp: () => answer as undefined },
    onHookFault: (name: string, error: unknown) => void faults.push(`${name}: ${error}`),
  }
  try {
    await requireOwnConsent(context, attempt, sourceFrom(null))
    return 'in'
  } catch (error) {
    const { code, refusal } = error as { code: string; refusal: { details?: { errors: unknown } } }
    return code === 'sign_up_refused' ? refusal.details?.errors : [code, ...faults]
  }
}

describe('beforeSignUp', () => {
  test.each([undefined, null])('accepts a sign-up by returning %s', async (answer) => {
    expect(await outcomeOf(answer)).toBe('in')
  })

  test.each(['', 'email', 'name', 'password', 'fields.c', 'fields.vatId2', `fields.${'x'.repeat(40)}`])(
    'can refuse with the field %j',
    async (field) => {
      expect(await outcomeOf({ field, message: 'No.', more: 1 })).toEqual([{ field, message: 'No.' }])
    },
  )

  test.each(['N', 'x'.repeat(300), 'Nöt hére. 😀'])('can refuse with the message %s', async (message) => {
    expect(await outcomeOf({ field: '', message })).toEqual([{ field: '', message }])
  })

  test.each([
    true,
    false,
    0,
    '',
    'No.',
    {},
    [],
    { message: 'No.' },
    { field: 'email' },
    { field: null, message: 'No.' },
    { field: ['email'], message: 'No.' },
    { field: 'roles', message: 'No.' },
    { field: 'xemail', message: 'No.' },
    { field: 'emailx', message: 'No.' },
    { field: 'email\n', message: 'No.' },
    { field: 'fields.', message: 'No.' },
    { field: 'fields.a-b', message: 'No.' },
    { field: 'fields.a.b', message: 'No.' },
    { field: `fields.${'x'.repeat(41)}`, message: 'No.' },
    { field: 'email', message: '' },
    { field: 'email', message: null },
    { field: 'email', message: ['No.'] },
    { field: 'email', message: Object.assign(['No.'], { isWellFormed: () => true }) },
    { field: 'email', message: 'x'.repeat(301) },
    { field: 'email', message: 'half \ud83d' },
  ])('cannot return %j: the sign-up fails', async (answer) => {
    expect(await outcomeOf(answer)).toEqual([
      'unavailable',
      expect.stringContaining('beforeSignUp: TypeError: beforeSignUp must return nothing'),
    ])
  })
})

test('a hook gets a copy of the user, without secrets', () => {
  const user: StoredUser = {
    id: 'user-1',
    email: 'ada@example.com',
    name: 'Ada',
    roles: ['member', 'owner'],
    version: 3,
    createdAt: 5,
    updatedAt: 6,
    signedInAt: 7,
    disabledAt: null,
    emailVerifiedAt: null,
    deleteAt: null,
    fields: {},
  }
  const seen = hookUserOf({ config }, user)
  expect(seen).toEqual({
    id: 'user-1',
    email: 'ada@example.com',
    name: 'Ada',
    roles: ['member', 'owner'],
    emailVerified: false,
    createdAt: 5,
    fields: {},
  })
  ;(seen.roles as string[]).push('admin')
  expect(user.roles).toEqual(['member', 'owner'])
  expect(hookUserOf({ config }, { ...user, emailVerifiedAt: 8 }).emailVerified).toBe(true)
})
