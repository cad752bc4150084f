import { defineAccess } from '@sallyport/protocol'
import { createElement, type ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { clientAccess } from './client-access.ts'
import { Can, SignedIn, SignedOut } from './conditions.tsx'
import { SessionContext } from './session-context.ts'

const principal = {
  userId: 'u',
  sessionId: 's',
  roles: ['finance'],
  permissions: ['invoice:read'],
  methods: ['pwd'],
  authenticatedAt: 0,
  issuedAt: 0,
  expiresAt: 1,
}

function shown(
  element: ReactNode,
  { learned }: { learned: typeof principal | null | undefined } = { learned: principal },
): string {
  const session = {
    initial: undefined,
    learned,
    signOut: () => Promise.resolve(),
    fetch: () => Promise.reject(new Error('not here')),
  }
  return renderToStaticMarkup(createElement(SessionContext, { value: session }, element))
}

/** Props as JavaScript allows them, whatever their type says. */
const can = (asked: object) =>
  createElement(Can, { fallback: 'no', children: 'yes', ...asked } as unknown as Parameters<typeof Can>[0])

describe('Can', () => {
  it.each([
    { role: 'finance' },
    { role: ['owner', 'finance'] },
    { permission: 'invoice:read' },
    { role: 'finance', permission: ['invoice:read'] },
  ])('renders its children for a user with %j', (asked) => expect(shown(can(asked))).toBe('yes'))

  it.each([
    { role: 'owner' },
    { role: [] },
    { role: '' },
    { role: undefined },
    { role: null },
    { role: 5 },
    { role: [undefined] },
    { permission: undefined },
    { role: 'finance', permission: undefined },
    { role: undefined, permission: 'invoice:read' },
    { role: 'finance', permission: 'invoice:write' },
    { rol: 'finance' },
    {},
  ])('shows the fallback for the undefined or misspelt requirement %o', (asked) =>
    expect(shown(can(asked))).toBe('no'),
  )

  it('shows the fallback, or nothing, without a session and before the session is known', () => {
    for (const nobody of [{ learned: null }, { learned: undefined }]) {
      expect(shown(can({ role: 'finance' }), nobody)).toBe('no')
      expect(shown(can({ role: 'finance', fallback: undefined }), nobody)).toBe('')
      expect(shown(createElement(SignedIn, null, 'in'), nobody)).toBe('')
    }
    expect(shown(createElement(SignedOut, null, 'out'), { learned: null })).toBe('out')
    expect(shown(createElement(SignedOut, null, 'out'), { learned: undefined })).toBe('')
  })
})

const typed = clientAccess(
  defineAccess({ permissions: ['invoice:read', 'invoice:write'], roles: { finance: '*', owner: '*' } }),
)
const TypedCan = ({ asked }: { asked: { role: 'owner' } | { permission: 'invoice:read' } }) =>
  typed.Can({ children: 'yes', fallback: 'no', ...asked })
const Answer = ({ asked }: { asked: object }) => String(typed.useSession().can(asked))

describe('clientAccess', () => {
  it('has Can and useSession for the defined names', () => {
    expect(shown(createElement(TypedCan, { asked: { permission: 'invoice:read' } }))).toBe('yes')
    expect(shown(createElement(TypedCan, { asked: { role: 'owner' } }))).toBe('no')
    const can = (asked: object, session?: { learned: null }) =>
      shown(createElement(Answer, { asked }), session)
    expect(can({ role: ['owner', 'finance'] })).toBe('true')
    expect(can({ permission: 'invoice:write' })).toBe('false')
    expect(can({ permission: undefined })).toBe('false')
    expect(can({})).toBe('false')
    expect(can({ role: 'finance' }, { learned: null })).toBe('false')
  })

  it('refuses another name when it compiles and when it renders', () => {
    // @ts-expect-error The permission is misspelt.
    expect(() => typed.Can({ permission: 'invoice:raed', children: 'yes' })).toThrow(
      'There is no permission invoice:raed.',
    )
    for (const role of ['admin', 'constructor'])
      expect(() => shown(createElement(Answer, { asked: { role } }))).toThrow(`There is no role ${role}.`)
  })
})
