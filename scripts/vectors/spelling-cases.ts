import {
  genuineClaims,
  genuineHeader,
  issueToken,
  type Json,
  nowSeconds,
  type SigningKey,
  signParts,
} from '../../packages/verify/src/testing/issuer.ts'
import { bad, good, type Vector, type VectorKeys } from './vector.ts'

/** Returns a genuine token, but one claim has the given text as its JSON value. No serializer writes these texts. */
function spelt(key: SigningKey, name: string, spelling: string): string {
  const { [name]: _, ...others } = genuineClaims()
  const payload = JSON.stringify(others).replace(/}$/, `,"${name}":${spelling}}`)
  return signParts(JSON.stringify(genuineHeader(key)), payload, key)
}

/** Returns tokens with numbers in forms that no serializer writes. */
export function numberCases({ first }: VectorKeys): Vector[] {
  const notTimes: [string, string][] = [
    ['infinite', '1e400'],
    ['the greatest double', '1e308'],
    ['past what a double holds exactly', '9007199254740993'],
    ['below zero', '-1'],
    ['with a fraction', `${nowSeconds}.5`],
    ['text', `"${nowSeconds}"`],
    ['null', 'null'],
    ['a list', `[${nowSeconds}]`],
    ['true', 'true'],
  ]
  const times = ['exp', 'iat', 'nbf', 'auth_time'].flatMap((claim) =>
    notTimes.map(([name, spelling]) =>
      bad(`${claim} is ${name}`, ['JWT-25'], spelt(first, claim, spelling), `${claim} is no time`),
    ),
  )
  return [
    ...times,
    bad('no auth_time', ['AT-03'], issueToken(first, { auth_time: undefined }), 'auth_time is missing'),
    good('exp with a fraction of zero', ['JWT-25'], spelt(first, 'exp', `${nowSeconds + 600}.0`)),
    good('exp with an exponent', ['JWT-25'], spelt(first, 'exp', `${(nowSeconds + 600) / 1e9}e9`)),
    good('ver with a fraction of zero', ['AT-03'], spelt(first, 'ver', '3.0')),
    bad('ver with a fraction', ['AT-03'], spelt(first, 'ver', '3.5'), 'ver is no version'),
    bad('ver infinite', ['AT-03'], spelt(first, 'ver', '1e400'), 'ver is no version'),
    bad(
      'an infinite number in a claim that nobody knows',
      ['JWT-10'],
      spelt(first, 'x', '1e400'),
      'not a number',
    ),
    bad(
      'a whole number of four hundred digits',
      ['JWT-10'],
      spelt(first, 'x', '9'.repeat(400)),
      'not a number',
    ),
    bad('an infinite number deep inside', ['JWT-10'], spelt(first, 'x', '[{"y":-1e400}]'), 'not a number'),
    good('a large number in a claim that nobody knows', ['JWT-10'], spelt(first, 'x', '1e300')),
  ]
}

/** Returns tokens whose payload is nearly JSON, and tokens whose claims are just inside or outside of the allowed values. */
export function spellingCases({ first }: VectorKeys): Vector[] {
  const notJson = (name: string, spelling: string) =>
    bad(name, ['JWT-10'], spelt(first, 'x', spelling), 'not JSON')
  const claim = (name: string, changes: Json, reason: string) =>
    bad(name, ['AT-03'], issueToken(first, changes), reason)
  return [
    notJson('a comment in the payload', '1/* for whom */'),
    notJson('a comment to the end of its line', '1// for whom\n'),
    notJson('a comma too many', '[1,]'),
    notJson('a number that begins with zero', '01'),
    notJson('a number that begins with plus', '+1'),
    notJson('a number in base 16', '0x10'),
    notJson('a text in single quotes', "'1'"),
    notJson('a line break in a text', '"\n"'),
    notJson('an escape that JSON does not know', '"\\q"'),
    notJson('Infinity by name', 'Infinity'),
    good('sixteen levels deep', ['JWT-24'], spelt(first, 'x', `${'['.repeat(15)}${']'.repeat(15)}`)),
    good('a member named __proto__', ['JWT-10'], spelt(first, '__proto__', '{"roles":["owner"]}')),
    good('a sub of 255 characters', ['JWT-12'], issueToken(first, { sub: 's'.repeat(255) })),
    claim('a sub of 256 characters', { sub: 's'.repeat(256) }, 'sub is too long'),
    claim('a sub of 128 characters that take two places each', { sub: '🙂'.repeat(128) }, 'sub is too long'),
    bad('a sub of half a character', ['JWT-12'], spelt(first, 'sub', '"\\ud800"'), 'sub is no text'),
    claim('sub null', { sub: null }, 'sub is no text'),
    claim('sid as a list', { sid: ['session-1'] }, 'sid is no text'),
    claim('permissions null', { permissions: null }, 'permissions are a list'),
    claim('organization null', { org: null }, 'org is text'),
    claim('an empty organization', { org: '' }, 'org is empty'),
    claim('cnf null', { cnf: null }, 'not a bearer token'),
    claim('roles null', { roles: null }, 'roles are a list'),
    claim('amr as text', { amr: 'pwd' }, 'amr is a list'),
  ]
}
