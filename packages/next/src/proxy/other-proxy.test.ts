import { NextRequest, NextResponse } from 'next/server.js'
import { describe, expect, it } from 'vitest'
import { pagePathHeader } from '../request/page-path.ts'
import { sessionStateHeader } from '../request/session-state.ts'
import { isRedirect, passOn, rewrittenPath } from './other-proxy.ts'

const url = 'https://app.example.com/page'
const changes = [
  { name: 'accessToken', value: 'new', maxAgeSeconds: 1 },
  { name: 'refreshToken', value: '', maxAgeSeconds: 0 },
]
const start = () => {
  const request = new NextRequest(url, {
    headers: {
      cookie: 'theme=a%20b; accessToken=old; refreshToken=old',
      [sessionStateHeader]: 'claimed',
      accept: 'text/html',
    },
  })
  const headers = new Headers(request.headers)
  headers.set('cookie', 'theme=a%20b; accessToken=new')
  headers.delete(sessionStateHeader)
  return { request, changedRequest: { headers, changes } }
}
/** What Next makes of the request's headers after such an answer. */
const seenByPage = ({ headers }: Response) =>
  Object.fromEntries(
    (headers.get('x-middleware-override-headers') ?? '')
      .split(',')
      .map((name) => [name, headers.get(`x-middleware-request-${name}`)]),
  )

describe('another proxy that runs after authProxy', () => {
  it('sees the renewed cookies in headers and in request.cookies', async () => {
    const { request, changedRequest } = start()
    await passOn(request, changedRequest, () => {
      expect(request.headers.get('cookie')).toBe('theme=a%20b; accessToken=new')
      expect(request.cookies.get('accessToken')?.value).toBe('new')
      expect(request.cookies.get('refreshToken')).toBeUndefined()
      expect(request.headers.has(sessionStateHeader)).toBe(false)
      return null
    })
  })

  it.each<[string, (request: NextRequest) => Response | undefined]>([
    ['answers nothing', () => undefined],
    ['lets the request through', () => NextResponse.next()],
    ['rewrites', () => NextResponse.rewrite(new URL('/en/page', url))],
    [
      'passes the headers on that it was given',
      ({ headers }) => NextResponse.next({ request: { headers: new Headers(headers) } }),
    ],
    [
      'passes on headers of its own alone',
      () => NextResponse.next({ request: { headers: new Headers({ 'x-locale': 'de' }) } }),
    ],
    [
      'passes on old cookies and a claim',
      () =>
        NextResponse.next({
          request: { headers: new Headers({ cookie: 'accessToken=old', [sessionStateHeader]: 'claimed' }) },
        }),
    ],
  ])('that %s: the page gets renewed cookies and no state header of the browser', async (_, other) => {
    const { request, changedRequest } = start()
    const response = await passOn(request, changedRequest, () => other(request))
    expect(seenByPage(response)).toMatchObject({ cookie: 'theme=a%20b; accessToken=new' })
    expect(seenByPage(response)).not.toHaveProperty(sessionStateHeader)
    expect(response.headers.has(`x-middleware-request-${sessionStateHeader}`)).toBe(false)
    expect(response.headers.has('x-middleware-next')).toBe(!response.headers.has('x-middleware-rewrite'))
  })

  it('sees all headers that authProxy has set, and forwards them', async () => {
    const { request, changedRequest } = start()
    changedRequest.headers.set(pagePathHeader, '/page')
    const response = await passOn(request, changedRequest, () => {
      expect(request.headers.get(pagePathHeader)).toBe('/page')
      expect(request.headers.get('accept')).toBe('text/html')
      const answer = NextResponse.next()
      answer.headers.set('x-middleware-override-headers', `x-locale, ${sessionStateHeader} ,cookie`)
      answer.headers.set('x-middleware-request-x-locale', 'de')
      return answer
    })
    expect(seenByPage(response)).toEqual({
      'x-locale': 'de',
      cookie: 'theme=a%20b; accessToken=new',
      [pagePathHeader]: '/page',
    })
  })

  it('keeps the headers that it adds', async () => {
    const { request, changedRequest } = start()
    const response = await passOn(request, changedRequest, () => {
      const answer = NextResponse.rewrite(new URL('/en/page', url), {
        request: { headers: new Headers({ 'x-locale': 'en' }) },
      })
      answer.headers.set('link', '</de>')
      answer.cookies.set('NEXT_LOCALE', 'en')
      return answer
    })
    expect(seenByPage(response)).toMatchObject({ 'x-locale': 'en' })
    expect(response.headers.get('link')).toBe('</de>')
    expect(response.headers.getSetCookie()).toEqual(['NEXT_LOCALE=en; Path=/'])
    expect(rewrittenPath(response, request)).toBe('/en/page')
  })

  it('may return a redirect with immutable headers', async () => {
    const { request, changedRequest } = start()
    const response = await passOn(request, changedRequest, () =>
      Response.redirect('https://app.example.com/de', 307),
    )
    expect(isRedirect(response)).toBe(true)
    response.headers.append('set-cookie', 'a=b')
    expect(response.headers.get('location')).toBe('https://app.example.com/de')
    expect(response.headers.has('x-middleware-override-headers')).toBe(false)
  })

  it('gets the unchanged request if no cookie was renewed', async () => {
    const { request } = start()
    const response = await passOn(request, null, () => NextResponse.next())
    expect(request.headers.get('cookie')).toContain('accessToken=old')
    expect(response.headers.has('x-middleware-override-headers')).toBe(false)
    const own = await passOn(request, null, () =>
      NextResponse.next({
        request: { headers: new Headers({ cookie: 'accessToken=old', 'x-locale': 'de' }) },
      }),
    )
    expect(seenByPage(own)).toEqual({ cookie: 'accessToken=old', 'x-locale': 'de' })
  })

  it.each([
    [299, '/de', false],
    [300, '/de', true],
    [307, '/de', true],
    [399, '/de', true],
    [400, '/de', false],
    [201, '/de', false],
    [304, null, false],
  ])('%i with the location %j is a redirect: %j', (status, location, expected) => {
    const headers = new Headers(location === null ? {} : { location })
    expect(isRedirect(new Response(null, { status, headers }))).toBe(expected)
  })

  it('finds the app’s path of a rewrite, and none for another host', () => {
    const request = new NextRequest('https://app.example.com/app/x', { nextConfig: { basePath: '/app' } })
    const to = (target: string) => rewrittenPath(NextResponse.rewrite(target), request)
    expect(to('https://app.example.com/app/admin')).toBe('/admin')
    expect(to('https://app.example.com/app')).toBe('/')
    expect(to('https://app.example.com/other')).toBe('/other')
    expect(to('https://other.example/app/admin')).toBeNull()
    expect(to('https://app.example.com/apple')).toBe('/apple')
    expect(rewrittenPath(NextResponse.next(), request)).toBeNull()
    const headers = { 'x-middleware-rewrite': 'https://[' }
    expect(rewrittenPath(new Response(null, { headers }), request)).toBeNull()
    expect(
      rewrittenPath(new Response(null, { headers: { 'x-middleware-rewrite': '/app/a' } }), request),
    ).toBe('/a')
  })
})
