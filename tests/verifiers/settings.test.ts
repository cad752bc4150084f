import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../scripts/install.mjs'
import { findDjango, findRuby } from '../system/interpreters.ts'

const python = findDjango()
const ruby = findRuby()

function run(program: string | null, words: string[], folder: string, input: unknown): unknown {
  const { stdout, stderr } = spawnSync(program ?? '', words, {
    cwd: join(root, folder),
    encoding: 'utf8',
    input: JSON.stringify(input),
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

type Settings = Record<string, unknown>
const right: Settings = {
  ISSUER: 'https://auth.example.com',
  AUDIENCE: 'billing-api',
  VERIFIER_SECRET: 'verifier-secret',
}

describe.skipIf(python === null)('the settings of the Django class', () => {
  const program = `
import json, sys
from django.conf import settings
settings.configure()
import django
django.setup()
import sallyport

def outcome(mine):
    settings.SALLYPORT = mine
    try:
        sallyport.read_settings()
        return None
    except sallyport.ImproperlyConfigured as error:
        return str(error)

print(json.dumps([outcome(mine) for mine in json.load(sys.stdin)]))
`
  const wrong: [string, unknown, RegExp][] = [
    ['nothing', null, /settings.SALLYPORT is missing/],
    ['a list', [], /settings.SALLYPORT is missing/],
    ['a misspelt name', { ...right, SECRET: 'x' }, /has no SECRET/],
    ['no issuer', { ...right, ISSUER: undefined }, /ISSUER/],
    ['an http issuer that is not local', { ...right, ISSUER: 'http://auth.example.com' }, /https URL/],
    ['an issuer with a query', { ...right, ISSUER: 'https://auth.example.com?a' }, /ISSUER/],
    ['an issuer with a user', { ...right, ISSUER: 'https://a:b@auth.example.com' }, /ISSUER/],
    ['an issuer in a file', { ...right, ISSUER: 'file:///etc/keys' }, /ISSUER/],
    ['an issuer that is a number', { ...right, ISSUER: 7 }, /ISSUER/],
    ['an address in a file', { ...right, URL: 'file:///etc/keys' }, /URL/],
    ['an empty address', { ...right, URL: '' }, /URL/],
    ['no audience', { ...right, AUDIENCE: undefined }, /AUDIENCE/],
    ['an empty audience', { ...right, AUDIENCE: '' }, /AUDIENCE/],
    ['a list of audiences', { ...right, AUDIENCE: ['billing-api'] }, /AUDIENCE/],
    ['no secret', { ...right, VERIFIER_SECRET: undefined }, /VERIFIER_SECRET.*missing/],
    ['an empty secret', { ...right, VERIFIER_SECRET: '' }, /SALLYPORT_VERIFIER_SECRET/],
    ['a secret that is null', { ...right, VERIFIER_SECRET: null }, /VERIFIER_SECRET/],
    ['a list with an empty secret', { ...right, VERIFIER_SECRET: ',verifier-secret' }, /VERIFIER_SECRET/],
    ['a secret with a line break', { ...right, VERIFIER_SECRET: 'verifier-secret\n' }, /VERIFIER_SECRET/],
    ['a definition that does not exist', { ...right, ACCESS: '/nowhere/access.json' }, /ACCESS.*nowhere/],
    ['a definition that is no JSON', { ...right, ACCESS: 'sallyport.py' }, /ACCESS.*access export/],
    [
      'a wrong definition',
      { ...right, ACCESS: { permissions: [], roles: { a: ['b'] } } },
      /ACCESS.*role a has b/,
    ],
    ['a definition that is null', { ...right, ACCESS: null }, /ACCESS/],
  ]

  const fine: Settings[] = [
    right,
    { ...right, ISSUER: 'http://localhost:4000' },
    { ...right, URL: 'http://auth:4000' },
    { ...right, VERIFIER_SECRET: 'new-secret, old-secret' },
    { ...right, ACCESS: { permissions: ['a'], roles: { owner: '*' } } },
  ]

  it('reports missing and wrong settings without secrets, and accepts valid ones', () => {
    const given = [...wrong.map(([, mine]) => mine), ...fine]
    const outcomes = run(python, ['-c', program], 'examples/django', given) as string[]
    for (const [index, [name, , message]] of wrong.entries()) {
      expect(outcomes[index], name).toMatch(message)
      expect(outcomes[index], name).not.toContain('verifier-secret')
    }
    expect(outcomes.slice(wrong.length)).toEqual(Array(5).fill(null))
  })

  it('prevents the start of a project with a wrong setting', () => {
    const { status, stderr } = spawnSync(python ?? '', ['api.py', '0'], {
      cwd: join(root, 'examples/django'),
      encoding: 'utf8',
      env: { ...process.env, SALLYPORT_ISSUER: 'https://auth.example.com', SALLYPORT_VERIFIER_SECRET: '' },
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(/ImproperlyConfigured: SALLYPORT\['VERIFIER_SECRET'\] is missing, empty/)
  })

  it('refuses an invalid role name, and sends Retry-After with 503', () => {
    const roles = `
import json, sys
from django.conf import settings
settings.configure()
import django
django.setup()
import sallyport
from rest_framework.views import exception_handler

def outcome(roles):
    try:
        sallyport.HasRole(*roles)
        sallyport.HasPermission(*roles)
        return None
    except TypeError as error:
        return str(error)

answer = exception_handler(sallyport.Unavailable(), {})
print(json.dumps([[outcome(roles) for roles in json.load(sys.stdin)], [answer.status_code, answer.headers["Retry-After"]]]))
`
    const given = [[], [''], [['finance']], [null], ['finance']]
    expect(run(python, ['-c', roles], 'examples/django', given)).toEqual([
      [...Array(4).fill(expect.stringContaining('one or more names')), null],
      [503, '1'],
    ])
  })
})

describe.skipIf(ruby === null)('the settings of the Ruby class', () => {
  const program = `
require "./sallyport"
SETTINGS = JSON.parse($stdin.read)
outcomes = SETTINGS.map do |mine|
  url, secret, remember = mine.values_at("URL", "VERIFIER_SECRET", "REMEMBER")
  introspection = mine.fetch("INTROSPECTION") { Sallyport::Introspection.new(url, secret, **{ remember_seconds: remember }.compact) }
  Sallyport::Verifier.new(issuer: mine["ISSUER"], audience: mine["AUDIENCE"], introspection: introspection)
  nil
rescue ArgumentError => e
  e.message
end
puts JSON.generate(outcomes)
`
  const url = 'https://auth.example.com/api/auth/introspect'
  const wrong: [string, Settings, RegExp][] = [
    ['no issuer', { ISSUER: undefined }, /issuer must be/],
    ['an http issuer that is not local', { ISSUER: 'http://auth.example.com' }, /https URL/],
    ['an issuer with a query', { ISSUER: 'https://auth.example.com?a' }, /issuer/],
    ['an issuer with a user', { ISSUER: 'https://a:b@auth.example.com' }, /issuer/],
    ['an issuer that is no address', { ISSUER: 'auth example' }, /issuer/],
    ['no audience', { AUDIENCE: undefined }, /audience must be/],
    ['an empty audience', { AUDIENCE: '' }, /audience/],
    ['an introspection at no address', { URL: '/introspect' }, /address of introspection/],
    ['no secret', { VERIFIER_SECRET: undefined }, /secret is missing.*SALLYPORT_VERIFIER_SECRET/],
    ['an empty secret', { VERIFIER_SECRET: '' }, /secret is missing/],
    ['a list with an empty secret', { VERIFIER_SECRET: ',verifier-secret' }, /secret/],
    ['a secret with a line break', { VERIFIER_SECRET: 'verifier-secret\n' }, /secret/],
    ['answers that count for hours', { REMEMBER: 3600 }, /from 0 to 60/],
    ['answers that count for a text', { REMEMBER: '5' }, /from 0 to 60/],
    ['an introspection that is nil', { INTROSPECTION: null }, /introspection must be.*false/],
    ['an introspection that is an address', { INTROSPECTION: url }, /introspection must be/],
  ]

  it('raise an ArgumentError that names a wrong setting, without secrets', () => {
    const given = wrong.map(([, changes]) => ({ ...right, URL: url, ...changes }))
    const outcomes = run(ruby, ['-e', program], 'examples/ruby', given) as string[]
    for (const [index, [name, , message]] of wrong.entries()) {
      expect(outcomes[index], name).toMatch(message)
      expect(outcomes[index], name).not.toContain('verifier-secret')
    }
  })

  it('accept valid settings, and introspection can only be disabled explicitly', () => {
    const fine = [
      { ...right, URL: url },
      { ...right, ISSUER: 'http://localhost:4000', URL: 'http://auth:4000/api/auth/introspect' },
      { ...right, INTROSPECTION: false },
      { ...right, URL: url, VERIFIER_SECRET: 'new-secret, old-secret' },
    ]
    expect(run(ruby, ['-e', program], 'examples/ruby', fine)).toEqual([null, null, null, null])
    const { status, stderr } = spawnSync(
      ruby ?? '',
      ['-e', 'require "./sallyport"; Sallyport::Verifier.new(issuer: "https://a.example", audience: "a")'],
      { cwd: join(root, 'examples/ruby'), encoding: 'utf8' },
    )
    expect(status).toBe(1)
    expect(stderr).toContain('missing keyword: :introspection')
  })
})
