import { createElement, type ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
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
