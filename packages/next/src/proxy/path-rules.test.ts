import { defineAccess, type Principal } from '@sallyport/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authProxy } from './auth-proxy.ts'
import { readPathRules, refusedBy, rulesAt } from './path-rules.ts'

describe('refuses a rule without effect when the proxy is created', () => {
  it.each([
    [{ protect: [] }, /`protect` must be an object/],
    [{ protect: null }, /`protect` must be an object/],
    [{ protect: '/admin' }, /`protect` must be an object/],
    [{ protect: { admin: { role: 'x' } } }, /`protect` has "admin"/],
    [{ protect: { '/admin/*/edit': { role: 'x' } } }, /`protect` has "\/admin\/\*\/edit"/],
    [{ protect: { '/admin': {} } }, /'\/admin': the rule requires nothing/],
    [{ protect: { '/admin': { status: 404 } } }, /requires nothing/],
    [{ protect: { '/admin': { roles: 'x' } } }, /'\/admin': A requirement has no "roles"/],
    [{ protect: { '/admin': { role: undefined } } }, /required role is empty or undefined/],
    [{ protect: { '/admin': { role: [] } } }, /required role is empty/],
    [{ protect: { '/admin': { permission: [''] } } }, /required permission/],
    [{ protect: { '/admin': { role: 'x', status: 401 } } }, /`status` must be 403 or 404/],
    [{ protect: { '/admin': 'admin' } }, /the rule is not an object/],
    [{ protect: { '/admin': null } }, /the rule is not an object/],
    [{ protect: { '/api/admin/*': { role: 'x' } } }, /the proxy does not handle/],
    [{ protect: { '/api': { role: 'x' } } }, /the proxy does not handle/],
    [{ refusedPage: '/forbidden' }, /`refusedPage` must be a function/],
    [{ next: {} }, /`next` must be a function/],
    [{ webhookPaths: '/webhooks' }, /`webhookPaths` must be a list/],
    [{ webhookPaths: ['/*'] }, /List only paths outside of \/api/],
    [{ webhookPaths: ['/api/webhooks'] }, /The proxy does not check requests/],
    [{ webhookPaths: ['/api'] }, /The proxy does not check requests/],
    [{ webhookPaths: ['/_next'] }, /The proxy does not check requests/],
    [{ webhookPaths: ['/_next/x'] }, /The proxy does not check requests/],
    [{ publicPaths: ['about'] }, /`publicPaths` must be a list/],
    [{ webhookPath: ['/x'] }, /authProxy has no option `webhookPath`/],
  ])('%j', (options, message) => {
    const make = () => authProxy(options as object)
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
  })
})

it('accepts rules for paths that only resemble /api and /_next', () => {
  const patterns = ['/apis', '/api-x/*', '/x/api', '/x/_next/*', '/_nextx']
  const protect = Object.fromEntries(patterns.map((pattern) => [pattern, { role: 'admin' }]))
  expect(readPathRules(protect).map(({ pattern }) => pattern)).toEqual(patterns)
})

const rules = readPathRules({
  '/admin/*': { role: 'admin' },
  '/admin/billing': { role: 'finance' },
  '/Über/*': { role: 'x' },
  '/a': { permission: 'a:read' },
})
const patternsAt = (pathname: string) => rulesAt(rules, pathname)?.map(({ pattern }) => pattern) ?? null

describe('the rules of a path', () => {
  it.each([
    ['/', []],
    ['/administrators', []],
    ['/admin-x/y', []],
    ['/b/admin', []],
    ['/admin', ['/admin/*']],
    ['/admin/', ['/admin/*']],
    ['/admin/7', ['/admin/*']],
    ['/admin/billing', ['/admin/*', '/admin/billing']],
    ['/admin/billing/7', ['/admin/*']],
    ['/a', ['/a']],
    ['/a/b', []],
    ['/ADMIN/Billing', ['/admin/*', '/admin/billing']],
    ['/%61dmin/7', ['/admin/*']],
    ['/admin%2Fbilling', ['/admin/*', '/admin/billing']],
    ['/admin%2fbilling/', ['/admin/*', '/admin/billing']],
    ['/admin.rsc', ['/admin/*']],
    ['/admin.rsc/x', []],
    ['/admin/billing/.rsc', ['/admin/*', '/admin/billing']],
    ['/a.prefetch.rsc', ['/a']],
    ['/a.segments/_tree.segment.rsc', ['/a']],
    ['/%C3%9Cber/x', ['/Über/*']],
    ['/%c3%9cBER', ['/Über/*']],
    ['//admin', null],
    ['/x/../admin', null],
    ['/x%2f..%2fadmin', null],
    ['/x/%2e%2e/admin', null],
    ['/admin%00', null],
    ['/admin\\x', null],
    ['/%2fadmin', null],
  ])('%s: %j', (pathname, expected) => {
    expect(patternsAt(pathname)).toEqual(expected)
  })

  it('are those of the decoded path, in every encoding, or the path is refused', () => {
    const letter = fc.constantFrom('a', 'd', 'm', 'i', 'n', '/', '.', '%61', '%2f', '%2F', '%64', 'A')
    fc.assert(
      fc.property(fc.array(letter, { maxLength: 9 }), (letters) => {
        const pathname = `/${letters.join('')}`
        const decoded = decodeURIComponent(pathname).toLowerCase()
        const found = patternsAt(pathname)
        if (found === null) return
        expect(found.includes('/admin/*')).toBe(/^\/admin(?:\/|$|\.rsc$)/.test(decoded))
        expect(found.includes('/a')).toBe(/^\/a\/?$/.test(decoded))
      }),
      { numRuns: 5000 },
    )
  })

  it('respond with the failed rule’s status, or 404 if one hides the page', () => {
    const both = readPathRules({ '/x': { role: 'a' }, '/y': { role: 'b', status: 404 } })
    const principal = (...roles: string[]) => ({ roles, permissions: [] }) as unknown as Principal
    expect(refusedBy(both, principal('a', 'b'), 0)).toBeNull()
    expect(refusedBy(both, principal('b'), 0)).toBe(403)
    expect(refusedBy(both, principal('a'), 0)).toBe(404)
    expect(refusedBy(both, principal(), 0)).toBe(404)
    expect(refusedBy([], principal(), 0)).toBeNull()
  })

  it('ask for a confirmation only where roles and permissions are met', () => {
    const rules = readPathRules({ '/x': { role: 'a', maxAgeSeconds: 600 }, '/y': { acr: 'aal2' } })
    const principal = (authenticatedAt: number, acr?: string, role = 'a') =>
      ({ roles: [role], permissions: [], authenticatedAt, acr }) as unknown as Principal
    const at = (now: number, one: Principal) => refusedBy(rules, one, now)
    expect(at(600_000, principal(0, 'aal2'))).toBeNull()
    expect(at(600_001, principal(0, 'aal2'))).toBe('confirm')
    expect(at(0, principal(0, 'aal1'))).toBe('confirm')
    expect(at(0, principal(0))).toBe('confirm')
    expect(at(Number.NaN, principal(0, 'aal2'))).toBe('confirm')
    expect(at(0, principal(0, 'aal1', 'b'))).toBe(403)
  })

  it('are an empty list if there are no rules', () => {
    expect(rulesAt([], '//anything')).toEqual([])
  })
})

it('with a definition, a rule with a name that it does not have stops the start', () => {
  const access = defineAccess({ permissions: ['report:read'], roles: { finance: '*' } })
  readPathRules({ '/reports/*': { permission: 'report:read', role: 'finance' } }, access)
  expect(() => readPathRules({ '/reports/*': { permission: 'report:raed' } }, access)).toThrow(
    '`protect` at \'/reports/*\': There is no permission "report:raed". Did you mean report:read?',
  )
  const start = () => authProxy({ access, protect: { '/reports': { role: 'finance' } } })
  expect(start).not.toThrow()
  // @ts-expect-error The role is not defined.
  expect(() => authProxy({ access, protect: { '/reports': { role: 'finanze' } } })).toThrow(
    'There is no role "finanze". Did you mean finance?',
  )
})

describe('a rule for every organization', () => {
  const readAt = (pattern: string, organizations?: 'path' | 'subdomain') =>
    readPathRules({ [pattern]: { permission: 'report:read' } }, undefined, organizations)

  it.each([
    '/o/acme/reports',
    '/o/other/reports/2026/',
    '/O/ACME/REPORTS',
    '/o/a%2Fb/reports',
    '/o/x/reports.rsc',
  ])('covers %s', (path) =>
    expect(rulesAt(readAt('/o/[organization]/reports/*', 'path'), path)).toHaveLength(1),
  )

  it.each(['/o/reports', '/o/acme', '/o/acme/reporting', '/a/o/acme/reports', '/o/acme/x/reports'])(
    'does not cover %s',
    (path) => expect(rulesAt(readAt('/o/[organization]/reports/*', 'path'), path)).toEqual([]),
  )

  it.each([
    ['/o/[organization]/reports', undefined],
    ['/o/[organization]/reports', 'subdomain'],
    ['/[organization]/reports', 'path'],
    ['/x/o/[organization]', 'path'],
    ['/o/[organization]/[organization]', 'path'],
    ['/o/x[organization]', 'path'],
  ] as const)('%s with %s is refused, because it would cover nothing', (pattern, organizations) =>
    expect(() => readAt(pattern, organizations)).toThrow(/\[organization\] may only follow \/o\//),
  )
})
