import { describe, expect, it, vi } from 'vitest'
import { readConfig } from '../config/config.ts'
import { startAuthServer } from '../testing/auth-server.ts'
import { testCredentials } from '../testing/credentials.ts'
import { adoptSession } from './adopt-session.ts'
import { appendCookies, cookieHeaderAfter } from './session-cookies.ts'

const browser = { address: '192.0.2.7', userAgent: 'agent', requestId: null, device: null }
const name = '__Secure-next-auth.session-token'
const cookieHeader = `${name}.0=one; ${name}.1=two; ${name}x=another; theme=dark`

function start() {
  const { server, runtime } = startAuthServer()
  const adopt = () =>
    adoptSession(runtime, { refreshToken: 'carried', cookies: [name] }, cookieHeader, browser)
  return { server, runtime, adopt }
}

describe('a session in a cookie of another library', () => {
  it('is replaced by our cookies, and all parts of the old cookie are cleared', async () => {
    const { server, runtime, adopt } = start()
    const session = await adopt()
    if (session.kind !== 'signedIn') throw new Error(session.kind)
    expect(session.principal.sessionId).toBe('s-here')
    expect(server.bodies).toEqual(['{"refreshToken":"carried"}'])
    expect(server.headers[0]?.get('sallyport-client-address')).toBe('192.0.2.7')
    // What the render behind the proxy sees, and what the browser is told.
    expect(cookieHeaderAfter(cookieHeader, session.changes)).toMatch(
      new RegExp(
        `^${name}x=another; theme=dark; accessToken=${session.accessToken}; refreshToken=refresh-1; sallyport_session=[\\w-]{8}$`,
      ),
    )
    const headers = new Headers()
    appendCookies(headers, session.changes, runtime.config)
    expect(headers.getSetCookie()).toContain(`${name}.1=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`)
  })

  it('clears the old cookie at its own domain and path [S02]', async () => {
    const { runtime } = startAuthServer()
    const config = readConfig(
      {
        server: 'http://localhost:4000',
        audience: 'web',
        app: 'https://app.example.com',
        cookieDomain: 'example.com',
        ...testCredentials,
      },
      {},
    )
    const carried = {
      refreshToken: 'carried',
      cookies: ['__Host-theirs', { name: 'wide', domain: 'example.com' }],
    }
    const session = await adoptSession(runtime, carried, '__Host-theirs=x; wide=y', browser)
    const headers = new Headers()
    if (session.kind === 'signedIn') appendCookies(headers, session.changes, config)
    expect(headers.getSetCookie().slice(3)).toEqual([
      '__Host-theirs=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
      'wide=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Domain=example.com; Secure',
    ])
  })

  it('is cleared if it has ended, so that it is checked once', async () => {
    const { server, adopt } = start()
    server.owners.delete('s-here')
    const session = await adopt()
    expect(session.kind).toBe('none')
    expect(session.changes.every(({ value }) => value === '')).toBe(true)
    expect(session.changes.map(({ name: cleared }) => cleared)).toContain(`${name}.0`)
  })

  it('is replaced even while the new tokens cannot be verified', async () => {
    const told = vi.spyOn(console, 'error').mockReturnValue()
    try {
      const { server, adopt } = start()
      server.audience = 'another'
      const session = await adopt()
      expect(session.kind).toBe('unavailable')
      const named = (wanted: string) => session.changes.find((change) => change.name === wanted)
      expect(named('refreshToken')?.value).toBe('refresh-1')
      expect(named(`${name}.0`)?.value).toBe('')
    } finally {
      told.mockRestore()
    }
  })

  it('clears numbered parts, and no cookie with a similar name', async () => {
    const { runtime } = startAuthServer()
    const sent = 'ab=1; ab.0=1; ab.10=1; ab.100=1; a.1b=1; ab.1.x=1; ab.=1; xab.1=1'
    const session = await adoptSession(runtime, { refreshToken: 'carried', cookies: ['ab'] }, sent, browser)
    const cleared = session.changes.filter(({ value }) => value === '').map((change) => change.name)
    expect(cleared).toEqual(['ab', 'ab.0', 'ab.10'])
  })

  it('keeps its cookie while it cannot be checked', async () => {
    const { server, adopt } = start()
    server.interrupt = { before: 'POST /api/auth/refresh', code: 'lost' }
    expect(await adopt()).toEqual({ kind: 'unavailable', changes: [] })
  })

  it('is converted once for many parallel requests', async () => {
    const { server, adopt } = start()
    const sessions = await Promise.all(Array.from({ length: 8 }, adopt))
    expect(server.seen).toEqual(['POST /api/auth/refresh'])
    expect(new Set(sessions.map(({ kind }) => kind))).toEqual(new Set(['signedIn']))
  })
})
