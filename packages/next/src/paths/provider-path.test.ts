import { expect, test } from 'vitest'
import { isProviderForm, providerPathOf } from './provider-path.ts'

test('returns the provider of a path, and null for every other path', () => {
  expect(providerPathOf('/api/auth/providers/acme-2')).toEqual({ provider: 'acme-2', isCallback: false })
  expect(providerPathOf('/api/auth/providers/acme/callback')).toEqual({ provider: 'acme', isCallback: true })
  expect(providerPathOf('/api/auth/providers/acme/callback/')).toEqual({ provider: 'acme', isCallback: true })
  for (const path of [
    '/api/auth/providers',
    '/api/auth/providers/',
    '/api/auth/providers/Acme',
    '/api/auth/providers/acme/other',
    '/api/auth/providers/acme/callback/more',
    '/api/auth/providers/../login/callback',
    '/api/auth/providers/%61cme/callback',
    '/x/api/auth/providers/acme/callback',
  ])
    expect(providerPathOf(path), path).toBeNull()
})

test('only a POST to a callback may come from another site', () => {
  expect(isProviderForm('POST', '/api/auth/providers/acme/callback')).toBe(true)
  expect(isProviderForm('POST', '/api/auth/providers/acme')).toBe(false)
  expect(isProviderForm('DELETE', '/api/auth/providers/acme/callback')).toBe(false)
  expect(isProviderForm('POST', '/api/auth/login')).toBe(false)
})
