import { describe, expect, it } from 'vitest'
import { resolveConfiguration } from '../config/configuration.ts'
import { startAuthServer } from '../testing/auth-server.ts'
import { testCredentials } from '../testing/credentials.ts'
import { adoptSession } from './adopt-session.ts'
import { appendCookies, cookieHeaderAfter } from './session-cookies.ts'

const caller = { address: '192.0.2.7', userAgent: 'agent', requestId: null, device: null }
const name = '__Secure-next-auth.session-token'
const cookieHeader = `${name}.0=one; ${name}.1=two; ${name}x=another; theme=dark`

function start() {
  const { server, runtime } = startAuthServer()
  const adopt = () =>
    adoptSession(runtime, { refreshToken: 'carried', cookies: [name] }, cookieHeader, caller)
  return { server, runtime, adopt }
}

describe('a session that came in a cookie of another library', () => {
  it('is ours: our cookies set, every piece of theirs cleared, nothing else touched', async () => {
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

  it('S02: their cookie is cleared where it stands, which is not where ours stand', async () => {
    const { runtime } = startAuthServer()
    const config = resolveConfiguration(
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
    const session = await adoptSession(runtime, carried, '__Host-theirs=x; wide=y', caller)
    const headers = new Headers()
    if (session.kind === 'signedIn') appendCookies(headers, session.changes, config)
    expect(headers.getSetCookie().slice(3)).toEqual([
      '__Host-theirs=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
      'wide=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Domain=example.com; Secure',
    ])
  })

  it('that has ended is cleared too, so that it is asked about once', async () => {
    const { server, adopt } = start()
    server.owners.delete('s-here')
    const session = await adopt()
    expect(session.kind).toBe('none')
    expect(session.changes.every(({ value }) => value === '')).toBe(true)
    expect(session.changes.map(({ name: cleared }) => cleared)).toContain(`${name}.0`)
  })

  it('stays where it is while nobody can tell', async () => {
    const { server, adopt } = start()
    server.interrupt = { before: 'POST /api/auth/refresh', code: 'lost' }
    expect(await adopt()).toEqual({ kind: 'unavailable', changes: [] })
  })

  it('is asked for once, however many pages open at the same moment', async () => {
    const { server, adopt } = start()
    const sessions = await Promise.all(Array.from({ length: 8 }, adopt))
    expect(server.seen).toEqual(['POST /api/auth/refresh'])
    expect(new Set(sessions.map(({ kind }) => kind))).toEqual(new Set(['signedIn']))
  })
})
