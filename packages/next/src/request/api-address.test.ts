import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApiTarget } from '../config/api-target.ts'
import { readConfig } from '../config/config.ts'
import { apiAddress, isForwarded } from './api-address.ts'

const { api } = readConfig(
  {
    server: 'http://localhost:4000',
    audience: 'web',
    app: 'http://localhost:3000',
    api: 'http://localhost:4100/v1',
    apiPaths: ['/invoices', '/reports'],
  },
  {},
)

const target = api as ApiTarget

describe('a call reaches only the configured API and its configured paths [X15, N06, BFF-07]', () => {
  it.each([
    '/internal',
    '/invoicesX',
    '/invoices/../internal',
    '/invoices/..',
    '/invoices/%2e%2e/internal',
    '/invoices/.%2E/internal',
    '/invoices%2f..%2finternal',
    '/invoices/..%2finternal',
    '/invoices/%5c..%5cinternal',
    '/invoices\\..\\internal',
    '//evil.example/invoices',
    '/invoices//evil',
    '/invoices/./x',
    '/@evil.example',
    '/invoices/%00',
    '/invoices;/../internal',
    '/invoices/%252e%252e/internal',
    'http://evil.example/invoices',
    '/INVOICES',
    '',
    '/',
    '/invoices/%',
    '/invoices/\n',
    '/invoices/..%5cinternal',
    '/invoices/..;/internal',
    '/invoices/..;a=b/internal',
    '/invoices/%2e%2e;/internal',
    '/invoices/..%3b/internal',
    '/invoices/.%2e%2finternal',
    '/invoices/%2e',
    '/invoices/%25252e%25252e/internal',
    '/invoices/%c0%ae%c0%ae/internal',
    '/invoices/%C0%AFinternal',
    '/invoices/%e0%80%ae%e0%80%ae/internal',
    '/invoices/%0d%0aX: y',
    '/invoices/%7f',
    '/invoices/..%20/internal',
    '/invoices/..%3f/internal',
    '/invoices/..%23',
    '/invoices/%2e%2e%253fa=b',
    '/invoices%2f7',
    '/invoices%00/7',
  ])('does not forward %j', (path) => {
    expect(isForwarded(target, path)).toBe(false)
  })

  it.each([
    '/invoices',
    '/invoices/42',
    '/invoices/INV-2026-0001/void',
    '/reports/revenue',
    '/invoices/M%C3%BCller',
    '/invoices/',
    '/invoices/42/',
    '/invoices/a%2Fb',
    '/invoices/https%3A%2F%2Fexample.com%2Fa',
    '/invoices/a%5Cb',
    '/invoices/a|b[c]',
    '/invoices/100%25',
    '/invoices/a;v=1/b',
    '/invoices/...',
    '/invoices/.well-known',
    '/invoices/a..b',
  ])('forwards %j', (path) => {
    expect(isForwarded(target, path)).toBe(true)
    expect(apiAddress(api, path).href).toBe(`http://localhost:4100/v1${path}`)
  })

  it('any path is refused or stays below the API’s URL', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('/', '..', '.', '%2f', '%2e', '\\', '@', 'x', '//', '?', '#', ':', 'evil.example'),
        ),
        (parts) => {
          let url: URL
          try {
            url = apiAddress(api, `/${parts.join('')}`)
          } catch (error) {
            expect(error).toBeInstanceOf(TypeError)
            return
          }
          expect(url.origin).toBe('http://localhost:4100')
          expect(url.pathname.startsWith('/v1/')).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })

  /** How servers read a path: each makes another of it, and looks that up. */
  const decoded = (path: string) => {
    try {
      return decodeURIComponent(path)
    } catch {
      return Buffer.from(
        path.replace(/%([\da-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      ).toString()
    }
  }
  const resolved = (path: string) => {
    const parts: string[] = []
    for (const part of path.split('/')) {
      if (part === '..') parts.pop()
      else if (part !== '.' && part !== '') parts.push(part)
    }
    return `/${parts.join('/')}`
  }
  const readings: Record<string, (path: string) => string> = {
    'as it is': (path) => path,
    'parts resolved, then decoded (Express, Fastify)': (path) => decoded(resolved(path)),
    'decoded once (Django, PHP)': decoded,
    'decoded, slashes merged, resolved (nginx)': (path) => resolved(decoded(path)),
    'decoded twice, resolved': (path) => resolved(decoded(decoded(path))),
    'decoded three times, backslashes, resolved (IIS)': (path) =>
      resolved(decoded(decoded(decoded(path))).replaceAll('\\', '/')),
    'without parameters, decoded, resolved (Tomcat)': (path) =>
      resolved(decoded(path.replace(/;[^/]*/g, ''))),
    'decoded, without parameters, resolved (Jetty)': (path) => resolved(decoded(path).replace(/;[^/]*/g, '')),
    'by the URL standard': (path) => new URL(path, 'http://a').pathname,
  }

  it.each(Object.entries(readings))(
    'forwarded paths are below an allowed path for a server that reads them %s',
    (_, read) => {
      const part = fc.constantFrom(
        '/',
        '..',
        '.',
        '%2f',
        '%2F',
        '%2e',
        '%252e',
        '%25',
        '2e',
        '%5c',
        '\\',
        ';',
        '%3b',
        'x',
        'invoices',
        'internal',
        '%C3%BC',
        '|',
        '[',
        '%20',
        '%c0%ae',
        ':',
        '@',
        '=',
      )
      let forwarded = 0
      fc.assert(
        fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
          const path = `/invoices/${parts.join('')}`
          if (!isForwarded(target, path)) return
          forwarded++
          // Said and sent are the same.
          expect(apiAddress(api, path).href).toBe(`http://localhost:4100/v1${path}`)
          expect(resolved(read(path))).toMatch(/^\/invoices(?:\/|$)/)
          expect(read(`/v1${path}`)).toMatch(/^\/v1\/invoices(?:\/|$)/)
        }),
        { numRuns: 3000 },
      )
      expect(forwarded).toBeGreaterThan(100)
    },
  )
})

describe('the URL of a call', () => {
  it.each([
    '',
    'invoices',
    '//evil.example',
    '/a//b',
    '/a/../b',
    '/a/%2e%2e/b',
    '/a\\b',
    '/a b',
    '/a#b',
    '/%',
  ])('is a TypeError for the path %j', (path) => {
    expect(() => apiAddress(target, path)).toThrow(TypeError)
    expect(() => apiAddress(target, path)).toThrow(/must start with one slash/)
  })

  it('is a TypeError without an API, and the message says how to set it', () => {
    expect(() => apiAddress(null, '/invoices')).toThrow(TypeError)
    expect(() => apiAddress(null, '/invoices')).toThrow(/Set `api` or API_URL/)
  })

  it('is below the configured URL, with or without a final slash', () => {
    for (const url of ['http://localhost:4100/v1', 'http://localhost:4100/v1/'])
      expect(apiAddress({ url: new URL(url) }, '/invoices/7?a=//b#c').href).toBe(
        'http://localhost:4100/v1/invoices/7?a=//b#c',
      )
    expect(apiAddress({ url: new URL('http://localhost:4100') }, '/x').href).toBe('http://localhost:4100/x')
  })

  it('is open to browsers only at or below a configured path', () => {
    const paths = ['/invoices', '/reports/']
    for (const path of ['/invoices', '/invoices/', '/invoices/7', '/reports/', '/reports/7'])
      expect(isForwarded({ paths }, path), path).toBe(true)
    for (const path of ['/invoices-x', '/reports', '/reports-x/7', '/x/invoices', '/'])
      expect(isForwarded({ paths }, path), path).toBe(false)
  })
})
