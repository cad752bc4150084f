import { describe, expect, it } from 'vitest'
import type { ApiTarget } from '../config/api-target.ts'
import { rewriteLinks } from './api-links.ts'

const appUrl = new URL('https://app.example.com')

/** What a browser gets of one header of an API that is asked for /v1/things?page=1. */
function rewritten(
  header: string,
  value: string,
  { api = 'http://api.internal:8000/v1', isNavigation = false } = {},
) {
  const target = { url: new URL(api), paths: ['/things', '/files/'] } as unknown as ApiTarget
  const headers = new Headers({ [header]: value })
  const requested = new URL(`${target.url.href.replace(/\/$/, '')}/things?page=1`)
  rewriteLinks(headers, { requested, api: target, appUrl, isNavigation })
  return headers.get(header)
}

describe('a URL of the API', () => {
  it.each([
    ['/v1/things/7?a=1#b', '/api/things/7?a=1#b'],
    ['7', '/api/7'],
    ['?page=2', '/api/things?page=2'],
    ['http://api.internal:8000/v1/other', '/api/other'],
    // As uvicorn writes it, by the scheme of X-Forwarded-Proto.
    ['https://api.internal:8000/v1/things', '/api/things'],
    // Of the host, and outside of the configured address: nowhere below /api.
    ['/v1', 'http://api.internal:8000/v1'],
    ['/v10/things', 'http://api.internal:8000/v10/things'],
    ['/admin', 'http://api.internal:8000/admin'],
  ])('%s is %s', (said, seen) => expect(rewritten('location', said)).toBe(seen))

  it('is rewritten for an API at the root of its host', () => {
    for (const api of ['http://api.internal:8000', 'http://api.internal:8000/'])
      expect(rewritten('location', '/things/7', { api })).toBe('/api/things/7')
  })

  it.each([
    'ftp://api.internal:8000/v1/things',
    'ws://api.internal:8000/v1/things',
    'http://api.internal/v1/things',
    'http://api.internal:8001/v1/things',
    'http://api.internal.evil.example:8000/v1/things',
    'https://elsewhere.example/v1/things',
    'http://[',
    'mailto:a@example.com',
  ])('%s is not a URL of the API and is unchanged', (said) => expect(rewritten('location', said)).toBe(said))
})

describe('a URL of the app, from an API that trusts X-Forwarded-Host', () => {
  it.each([
    ['https://app.example.com/v1/things/7', '/api/things/7'],
    ['https://app.example.com/v1/files/7', '/api/files/7'],
    ['https://app.example.com/things/7', 'https://app.example.com/things/7'],
    ['https://app.example.com/v1/done', 'https://app.example.com/v1/done'],
    ['https://app.example.com:8443/v1/things', 'https://app.example.com:8443/v1/things'],
    ['http://app.example.com/v1/things', 'http://app.example.com/v1/things'],
    ['https://elsewhere.example/v1/things', 'https://elsewhere.example/v1/things'],
  ])('%s is %s', (said, seen) => expect(rewritten('location', said)).toBe(seen))

  it('is a page of the app in a response to a navigation', () => {
    const page = 'https://app.example.com/v1/things'
    expect(rewritten('location', page, { isNavigation: true })).toBe(page)
    expect(rewritten('location', '/v1/things', { isNavigation: true })).toBe('/api/things')
  })
})

describe('headers that contain URLs', () => {
  it.each([
    [
      'link',
      '</v1/things?page=2>; rel="next", <https://e.example/>; rel=x, </v1/a>',
      '</api/things?page=2>; rel="next", <https://e.example/>; rel=x, </api/a>',
    ],
    ['content-location', '/v1/things/7', '/api/things/7'],
    ['refresh', '0;/v1/things', '0;/api/things'],
    ['refresh', ' 1.5 , /v1/things ', '1.5 , /api/things'],
    ['refresh', '5; URL="/v1/things"', '5; URL="/api/things"'],
    ['refresh', "5;url = '/v1/things'", "5;url = '/api/things'"],
    ['refresh', '5', '5'],
    ['refresh', 'x5; /v1/things', 'x5; /v1/things'],
    ['x-location', '/v1/things', '/v1/things'],
  ])('%s: %s', (header, said, seen) => expect(rewritten(header, said)).toBe(seen))

  it('reads header bytes as UTF-8, or as Latin-1 if they are invalid', () => {
    const latin1 = Buffer.from('/v1/things/ü').toString('latin1')
    expect(rewritten('location', latin1)).toBe('/api/things/%C3%BC')
    expect(rewritten('location', '/v1/things/\u00fc')).toBe('/api/things/%C3%BC')
  })

  it('adds no header to a response without URLs', () => {
    const headers = new Headers({ 'content-type': 'text/plain' })
    const api = { url: new URL('http://api.internal'), paths: [] } as unknown as ApiTarget
    rewriteLinks(headers, { requested: api.url, api, appUrl, isNavigation: false })
    expect([...headers.keys()]).toEqual(['content-type'])
  })
})
