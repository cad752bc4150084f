import { NextRequest } from 'next/server.js'
import { describe, expect, it, vi } from 'vitest'
import { type RefusalStatus, type RefusedPage, refusal } from './refusal.ts'

const page = { accept: 'text/html,*/*;q=0.8' }
const ask = (
  status: RefusalStatus,
  headers: Record<string, string> = page,
  { method = 'GET', refusedPage }: { method?: string; refusedPage?: RefusedPage } = {},
) =>
  refusal(new NextRequest('https://app.example.com/x', { method, headers }), status, '/app/home', refusedPage)

describe('a refusal', () => {
  it.each([
    [401, 'Sign in first'],
    [403, 'Not allowed'],
    [404, 'Not found'],
    [503, 'Try again shortly'],
  ] as const)('%i is a page for browsers that runs no scripts and is not cached', async (status, title) => {
    const answer = await ask(status)
    expect(answer.status).toBe(status)
    expect(Object.fromEntries(answer.headers)).toEqual({
      'cache-control': 'private, no-store',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[^']+'; frame-ancestors 'none'; base-uri 'none'$/,
      ),
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
      ...(status === 503 && { 'retry-after': '2' }),
    })
    const html = await answer.text()
    expect(html).toContain(`<h1>${title}</h1>`)
    expect(html).toContain('<a href="/app/home">')
  })

  it('to HEAD has the same headers and no body', async () => {
    const answer = await ask(403, page, { method: 'HEAD' })
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      403,
      'text/html; charset=utf-8',
      '',
    ])
    expect(await (await ask(403, page, { method: 'POST' })).text()).toContain('<h1>')
  })

  it.each<[string, Record<string, string>]>([
    ['a script', { accept: 'application/json' }],
    ['somebody who says nothing', {}],
    ['flight data', { ...page, rsc: '1' }],
    ['an action', { ...page, 'next-action': 'a' }],
  ])('is application/problem+json for %s, even with a custom page', async (_, headers) => {
    const refusedPage = vi.fn(() => new Response('mine'))
    for (const [status, code] of [
      [401, 'token_missing'],
      [403, 'forbidden'],
      [404, 'not_found'],
      [503, 'unavailable'],
    ] as const) {
      const answer = await ask(status, headers, { refusedPage })
      expect(answer.status).toBe(status)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.headers.get('retry-after')).toBe(status === 503 ? '2' : null)
      expect(await answer.json()).toMatchObject({ code, status })
    }
    expect(refusedPage).not.toHaveBeenCalled()
  })
})

describe('a custom page', () => {
  it.each([403, 404] as const)('for %i keeps its headers except status and Cache-Control', async (status) => {
    const headers = { 'content-language': 'de', 'cache-control': 'public, max-age=60' }
    const refusedPage = vi.fn(async () => new Response('Nicht erlaubt', { status: 200, headers }))
    const answer = await ask(status, page, { refusedPage })
    expect(refusedPage).toHaveBeenCalledWith(expect.any(NextRequest), status)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-language')).toBe('de')
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(await answer.text()).toBe('Nicht erlaubt')
  })

  it.each([401, 503] as const)('is not shown for %i', async (status) => {
    const refusedPage = vi.fn(() => new Response('mine'))
    expect(await (await ask(status, page, { refusedPage })).text()).toContain('<h1>')
    expect(refusedPage).not.toHaveBeenCalled()
  })
})
