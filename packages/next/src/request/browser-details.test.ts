import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readConfig } from '../config/config.ts'
import { browserDetailsOf } from './browser-details.ts'

const ours = { server: 'http://localhost:4000', audience: 'web', app: 'http://localhost:3000' }
const config = readConfig({ ...ours, trustedProxyHops: 1 }, {})
const of = (headers: Record<string, string>) => browserDetailsOf(new Headers(headers), config)

describe('the details of a browser for the auth server', () => {
  it('are empty if nothing is known', () => {
    expect(of({})).toEqual({ address: null, userAgent: null, requestId: null, device: null })
  })

  it('are the address before the trusted proxies, user agent, request id and device', () => {
    expect(
      of({
        'x-forwarded-for': '203.0.113.9, 192.0.2.7',
        'user-agent': 'Firefox',
        'x-request-id': 'request-1_A',
        cookie: 'sallyport_device=abc.def',
      }),
    ).toEqual({ address: '192.0.2.7', userAgent: 'Firefox', requestId: 'request-1_A', device: 'abc.def' })
  })

  it('have at most 512 characters of the user agent', () => {
    expect(of({ 'user-agent': `${'a'.repeat(512)}b` }).userAgent).toBe('a'.repeat(512))
  })

  it.each([
    ['a'.repeat(8), true],
    ['a'.repeat(64), true],
    ['a'.repeat(7), false],
    ['a'.repeat(65), false],
    ['request 1', false],
    ['request-1"', false],
    ['"request-1', false],
  ])('read the request id %j as %j', (id, isTaken) => {
    expect(of({ 'x-request-id': id }).requestId).toBe(isTaken ? id : null)
  })
})

describe('X-Forwarded-For without a trusted proxy', () => {
  const registry = globalThis as Record<symbol, unknown>
  const warned = Symbol.for('sallyport.untrusted-proxy-warned')
  beforeEach(() => void delete registry[warned])
  afterEach(() => void delete registry[warned])

  it('is ignored, and the operator gets one warning', () => {
    const told = vi.spyOn(console, 'error').mockReturnValue()
    try {
      const untrusting = readConfig(ours, {})
      const headers = new Headers({ 'x-forwarded-for': '203.0.113.9' })
      expect(browserDetailsOf(new Headers(), untrusting).address).toBeNull()
      expect(told).not.toHaveBeenCalled()
      for (let times = 0; times < 2; times++) expect(browserDetailsOf(headers, untrusting).address).toBeNull()
      expect(told.mock.calls).toEqual([[expect.stringMatching(/^Sallyport: .*SALLYPORT_TRUSTED_PROXY_HOPS/)]])
      expect(told.mock.calls.join()).not.toContain('203.0.113.9')
    } finally {
      told.mockRestore()
    }
  })

  it('causes no warning if the proxy is trusted', () => {
    const told = vi.spyOn(console, 'error').mockReturnValue()
    try {
      of({ 'x-forwarded-for': '203.0.113.9' })
      expect(told).not.toHaveBeenCalled()
    } finally {
      told.mockRestore()
    }
  })
})
