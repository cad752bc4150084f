import { describe, expect, it } from 'vitest'
import { addressAt, addressedOrganization, organizationOfApiPath } from './organization-path.ts'

const byPath = {
  organizations: 'path',
  appUrl: new URL('https://app.example.com'),
  appOrigins: null,
} as const
const atHost = (host: string) =>
  ({
    organizations: 'subdomain',
    appUrl: new URL(`https://${host}`),
    appOrigins: ['https://app.example.com', 'https://*.example.com', 'https://my-*-team.vercel.app'],
  }) as const

describe('the organization of an address', () => {
  it.each([
    ['/o/acme', 'acme'],
    ['/o/acme/', 'acme'],
    ['/o/acme/reports', 'acme'],
    ['/O/acme/reports', 'acme'],
    ['/%6F/acme', 'acme'],
    ['/o/%61cme', 'acme'],
    ['/o/ACME', 'ACME'],
    ['/o/acme.rsc', 'acme'],
    ['/o/acme.segments/a.rsc', 'acme'],
    ['/o/acme/a%2Fb', 'acme'],
    ['/o/a%2Fb', '%2F'],
    ['/o%2Facme', '%2F'],
    ['/o%2Facme%2Freports', '%2F'],
    ['/o', null],
    ['/o/', null],
    ['/other/acme', null],
    ['/a/o/acme', null],
    ['/', null],
  ])('%s: %s', (path, organization) => {
    expect(addressedOrganization(byPath, path)).toBe(organization)
    expect(addressedOrganization({ ...byPath, organizations: null }, path)).toBeNull()
  })

  it.each([
    ['acme.example.com', 'acme'],
    ['app.example.com', null],
    ['a.b.example.com', null],
    ['example.com', null],
    // A preview deployment is no organization.
    ['my-branch-team.vercel.app', null],
  ])('%s: %s', (host, organization) =>
    expect(addressedOrganization(atHost(host), '/o/other')).toBe(organization),
  )
})

it('a former address becomes the current one, with path and query', () => {
  const at = (config: Parameters<typeof addressAt>[0], pathname: string, search = '') =>
    addressAt(config, 'new', { pathname, search }).href
  expect(at(byPath, '/o/old/a', '?b=/o/old')).toBe('https://app.example.com/o/new/a?b=/o/old')
  expect(at(byPath, '/o/old')).toBe('https://app.example.com/o/new')
  // In every spelling, so that it does not redirect to itself.
  for (const path of ['/%6F/old/a', '/O/old/a', '/o/o%6Cd/a'])
    expect(at(byPath, path)).toBe('https://app.example.com/o/new/a')
  expect(at(atHost('old.example.com'), '/o/old', '?b=1')).toBe('https://new.example.com/o/old?b=1')
})

it('a path below /api names the organization and the path of the API', () => {
  expect(organizationOfApiPath(byPath, '/o/acme/invoices/7')).toEqual({
    organization: 'acme',
    path: '/invoices/7',
  })
  for (const path of ['/invoices', '/o/acme', '/o', '/o//invoices'])
    expect(organizationOfApiPath(byPath, path), path).toBeNull()
  expect(organizationOfApiPath({ ...byPath, organizations: null }, '/o/acme/invoices')).toBeNull()
  expect(organizationOfApiPath(atHost('acme.example.com'), '/invoices')).toEqual({
    organization: 'acme',
    path: '/invoices',
  })
  expect(organizationOfApiPath(atHost('app.example.com'), '/invoices')).toBeNull()
})
