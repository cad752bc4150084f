import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { resolveConfiguration } from '../config/configuration.ts'
import { apiAddress, isPassedOn } from './api-address.ts'

const config = resolveConfiguration(
  {
    server: 'http://localhost:4000',
    audience: 'web',
    app: 'http://localhost:3000',
    api: 'http://localhost:4100/v1',
    apiPaths: ['/invoices', '/reports'],
  },
  {},
)

describe('N06, BFF-07: a call reaches the configured API and the configured paths, nothing else', () => {
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
  ])('does not pass on %j', (path) => {
    expect(isPassedOn(config, path)).toBe(false)
  })

  it.each([
    '/invoices',
    '/invoices/42',
    '/invoices/INV-2026-0001/void',
    '/reports/revenue',
    '/invoices/M%C3%BCller',
  ])('passes on %j', (path) => {
    expect(isPassedOn(config, path)).toBe(true)
    expect(apiAddress(config, path).href).toBe(`http://localhost:4100/v1${path}`)
  })

  it('any path either throws or stays below the API', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('/', '..', '.', '%2f', '%2e', '\\', '@', 'x', '//', '?', '#', ':', 'evil.example'),
        ),
        (parts) => {
          let url: URL
          try {
            url = apiAddress(config, `/${parts.join('')}`)
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
})
