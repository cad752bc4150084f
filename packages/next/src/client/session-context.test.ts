import { createElement, Suspense } from 'react'
import { renderToReadableStream } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import type { InitialSession } from './initial-session.ts'
import { SessionContext, useSession } from './session-context.ts'

const principal = {
  userId: 'u',
  sessionId: 's',
  roles: [],
  permissions: [],
  methods: ['pwd'],
  authenticatedAt: 0,
  issuedAt: 0,
  expiresAt: 1,
}

function Status() {
  const { status, principal } = useSession()
  return `${status} ${principal?.userId ?? ''}`
}

async function shown(
  initial: InitialSession | undefined,
  learned?: typeof principal | null,
): Promise<string> {
  const session = {
    initial,
    learned,
    signOut: () => Promise.resolve(),
    fetch: () => Promise.reject(new Error('not here')),
  }
  const waiting = createElement(Suspense, { fallback: 'waiting' }, createElement(Status))
  const stream = await renderToReadableStream(createElement(SessionContext, { value: session }, waiting))
  await stream.allReady
  return (await new Response(stream).text()).replace(/<[^>]*>/g, '').trim()
}

describe('useSession', () => {
  it('accepts a principal, null if nobody is signed in, or a promise of these', async () => {
    for (const initial of [principal, Promise.resolve(principal)])
      expect(await shown(initial)).toBe('signedIn u')
    for (const initial of [null, Promise.resolve(null)]) expect(await shown(initial)).toBe('signedOut')
  })

  it('has the status unknown if the server could not check the session', async () => {
    expect(await shown(Promise.reject(new Error('the auth server is down')))).toBe('unknown')
    expect(await shown(undefined)).toBe('unknown')
  })

  it('uses the newer session of the browser without waiting', async () => {
    const never = new Promise<null>(() => {})
    expect(await shown(never, principal)).toBe('signedIn u')
    expect(await shown(principal, null)).toBe('signedOut')
  })

  it('throws an error that names the missing provider', async () => {
    await expect(renderToReadableStream(createElement(Status), { onError() {} })).rejects.toThrow(
      '<SessionProvider>',
    )
  })
})
