import { createHmac } from 'node:crypto'
import {
  base64Url,
  createSigningKey,
  genuineClaims,
  genuineHeader,
  issueToken,
  type Json,
  nowSeconds,
  signParts,
} from '../../packages/verify/src/testing/issuer.ts'
import { publishedKeyCases } from './key-cases.ts'
import { numberCases, spellingCases } from './spelling-cases.ts'
import { bad, good, type Vector, type VectorKeys } from './vector.ts'

export function createVectorKeys(): VectorKeys {
  return {
    first: createSigningKey('key-1'),
    second: createSigningKey('key-2'),
    edwards: createSigningKey('key-ed', 'EdDSA'),
    other: createSigningKey('key-1'),
  }
}

export function createVectors(keys: VectorKeys): Vector[] {
  return [
    ...accepted(keys),
    ...times(keys),
    ...algorithms(keys),
    ...headers(keys),
    ...claims(keys),
    ...shapes(keys),
    ...signatures(keys),
    ...publishedKeyCases(keys),
    ...numberCases(keys),
    ...spellingCases(keys),
  ]
}

function accepted({ first, second }: VectorKeys): Vector[] {
  return [
    good('a genuine token', ['AT-01', 'AT-04'], issueToken(first)),
    good('by the other key of the set', ['AT-04'], issueToken(second)),
    good('audience as one string', ['JWT-13'], issueToken(first, { aud: 'billing-api' })),
    good('typ with application/ before it', ['JWT-16'], issueToken(first, {}, { typ: 'application/at+jwt' })),
    good('typ in capitals', ['JWT-16'], issueToken(first, {}, { typ: 'AT+JWT' })),
    good('claims that nobody knows', ['AT-04'], issueToken(first, { unknown: { a: [1] } })),
    good(
      'unused header members, such as jku',
      ['JWT-15'],
      issueToken(first, {}, { jku: 'http://127.0.0.1:9/jwks' }),
    ),
    good('made before tokens had a client_id', ['AT-03'], issueToken(first, { client_id: undefined })),
    good('permissions', ['AT-07'], issueToken(first, { permissions: ['report:read'] })),
    good('after two factors', ['AT-03'], issueToken(first, { acr: 'aal2', amr: ['pwd', 'otp', 'mfa'] })),
    good('made before tokens had an acr', ['AT-03'], issueToken(first, { acr: undefined })),
    good(
      'a second before its end',
      ['AT-04'],
      issueToken(first, { iat: nowSeconds - 599, exp: nowSeconds + 1 }),
    ),
    good('a clock that is five seconds ahead', ['JWT-25'], issueToken(first, { iat: nowSeconds + 5 })),
  ]
}

function times({ first }: VectorKeys): Vector[] {
  const expired = (ago: number): Vector => ({
    name: `ended ${ago} seconds ago`,
    rules: ['AT-04'],
    token: issueToken(first, {
      iat: nowSeconds - ago - 600,
      exp: nowSeconds - ago,
      auth_time: nowSeconds - ago - 600,
    }),
    verdict: 'token_expired',
    reason: 'exp has passed',
  })
  const wrong = (name: string, changes: Json, reason: string) =>
    bad(name, ['JWT-25'], issueToken(first, changes), reason)
  return [
    expired(0),
    expired(1),
    expired(86_400),
    wrong('no exp', { exp: undefined }, 'exp is missing'),
    wrong('exp as text', { exp: String(nowSeconds + 600) }, 'exp is no number'),
    wrong('exp with a fraction', { exp: nowSeconds + 599.5 }, 'exp is no whole number'),
    wrong('exp below zero', { exp: -1 }, 'exp is no time'),
    wrong('a life of ten years', { exp: nowSeconds + 315_360_000 }, 'lives longer than an hour'),
    wrong('a life of an hour and a second', { exp: nowSeconds + 3_601 }, 'lives longer than an hour'),
    wrong('exp before iat', { iat: nowSeconds, exp: nowSeconds - 1 }, 'exp is not after iat'),
    wrong('no iat', { iat: undefined }, 'iat is missing'),
    wrong('issued in the future', { iat: nowSeconds + 60 }, 'iat is in the future'),
    wrong('not to be used yet', { nbf: nowSeconds + 60 }, 'nbf is in the future'),
    wrong('signed in in the future', { auth_time: nowSeconds + 60 }, 'auth_time is in the future'),
  ]
}

function algorithms({ first, second, edwards }: VectorKeys): Vector[] {
  const [header, payload, signature] = [
    JSON.stringify(genuineHeader(first)),
    JSON.stringify(genuineClaims()),
    issueToken(first).split('.')[2] ?? '',
  ]
  const labelled = (alg: unknown) => issueToken(first, {}, { alg } as Json)
  const unsigned = `${base64Url(header.replace('ES256', 'none'))}.${base64Url(payload)}`
  const secret = first.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const hmacInput = `${base64Url(header.replace('ES256', 'HS256'))}.${base64Url(payload)}`
  const hmac = createHmac('sha256', secret).update(hmacInput).digest('base64url')
  return [
    bad('alg none, no signature', ['JWT-01', 'AT-02'], `${unsigned}.`, 'not signed'),
    bad('alg none, with a signature', ['JWT-01'], `${unsigned}.${signature}`, 'not signed'),
    bad('alg None', ['JWT-01'], labelled('None'), 'no such algorithm'),
    bad('alg es256', ['JWT-03'], labelled('es256'), 'names of algorithms are case-sensitive'),
    bad('alg ES384', ['JWT-02'], labelled('ES384'), 'the key is for ES256'),
    bad('no alg', ['JWT-01'], labelled(undefined), 'no algorithm'),
    bad('alg as a list', ['JWT-01'], labelled(['ES256']), 'no algorithm'),
    bad(
      'HS256 with the public key as secret',
      ['JWT-01'],
      `${hmacInput}.${hmac}`,
      'a public key is no secret',
    ),
    bad(
      'EdDSA, where only ES256 is allowed',
      ['JWT-01'],
      issueToken(edwards),
      'the algorithm is not allowed',
    ),
    bad(
      'ES256 by a key of its curve that is for ES384',
      ['JWT-02'],
      issueToken(second, {}, { kid: 'key-odd' }),
      'the key is for ES384',
    ),
    bad(
      'ES256 by a key for EdDSA',
      ['JWT-02'],
      issueToken(first, {}, { kid: 'key-ed' }),
      'the key is for EdDSA',
    ),
  ]
}

function headers({ first }: VectorKeys): Vector[] {
  const other = (name: string, rules: string[], header: Json, reason: string) =>
    bad(name, rules, issueToken(first, {}, header), reason)
  return [
    ...[undefined, 'JWT', 'id+jwt', 'logout+jwt', 'dpop+jwt', ['at+jwt']].map((typ) =>
      other(`typ ${JSON.stringify(typ) ?? 'missing'}`, ['JWT-16', 'AT-01'], { typ }, 'another kind of token'),
    ),
    other('no kid', ['JWT-14'], { kid: undefined }, 'no key is named'),
    other('an unknown kid', ['JWT-14'], { kid: 'key-9' }, 'no such key'),
    other('a kid that is a path', ['JWT-14'], { kid: '../../../../dev/null' }, 'no such key'),
    other('a kid that is SQL', ['JWT-14'], { kid: "key-1' or '1'='1" }, 'no such key'),
    other('a kid that is an object', ['JWT-14'], { kid: { a: 1 } }, 'no key is named'),
    other('crit', ['JWT-21'], { crit: ['exp'], exp: 1 }, 'an extension that we do not know'),
    other('an empty crit', ['JWT-21'], { crit: [] }, 'an extension that we do not know'),
    other('b64 false', ['JWT-21'], { crit: ['b64'], b64: false }, 'an extension that we do not know'),
    other('a token in a token', ['JWT-06'], { cty: 'JWT' }, 'nested'),
  ]
}

function claims({ first }: VectorKeys): Vector[] {
  const other = (name: string, rules: string[], changes: Json, reason: string) =>
    bad(name, rules, issueToken(first, changes), reason)
  const audiences = [
    undefined,
    null,
    '',
    [],
    ['other'],
    'BILLING-API',
    'billing-api/',
    'billing',
    ['billing-api', 1],
  ]
  const issuers = [
    undefined,
    'http://localhost:4000/',
    'https://localhost:4000',
    ['http://localhost:4000'],
    'http://other',
  ]
  return [
    ...audiences.map((aud) =>
      other(`audience ${JSON.stringify(aud) ?? 'missing'}`, ['JWT-13', 'AT-04'], { aud }, 'not for us'),
    ),
    ...issuers.map((iss) =>
      other(
        `issuer ${JSON.stringify(iss) ?? 'missing'}`,
        ['JWT-11', 'AT-04'],
        { iss },
        'not from our issuer',
      ),
    ),
    ...['sub', 'sid', 'jti', 'ver', 'roles'].map((claim) =>
      other(`no ${claim}`, ['AT-03'], { [claim]: undefined }, `${claim} is missing`),
    ),
    other('an empty sub', ['JWT-12'], { sub: '' }, 'sub is empty'),
    other('sub as a number', ['JWT-12'], { sub: 1 }, 'sub is no text'),
    other('roles as text', ['AT-07'], { roles: 'owner' }, 'roles are a list'),
    other('roles that are not all text', ['AT-07'], { roles: ['owner', 1] }, 'roles are texts'),
    other('permissions as text', ['AT-07'], { permissions: 'report:read' }, 'permissions are a list'),
    other('ver below zero', ['AT-03'], { ver: -1 }, 'ver is no version'),
    other('ver past what a double holds', ['AT-03'], { ver: 2 ** 53 }, 'ver is no version'),
    other('no amr', ['AT-03'], { amr: undefined }, 'amr is missing'),
    other('organization as a number', ['AT-03'], { org: 7 }, 'org is text'),
    other(
      'a token for an organization, whose roles may come from its own creator',
      ['AT-03'],
      { aud: ['billing-api/organization'], org: 'org-1', org_ver: 0 },
      'the audience is billing-api/organization',
    ),
    other(
      'an organization with the audience of users',
      ['AT-03'],
      { org: 'org-1', org_ver: 0 },
      'org needs the audience for organizations',
    ),
    other('an empty client_id', ['AT-03'], { client_id: '' }, 'client_id is empty'),
    other('client_id as a number', ['AT-03'], { client_id: 7 }, 'client_id is no text'),
    other('client_id that is null', ['AT-03'], { client_id: null }, 'client_id is no text'),
    other('an empty acr', ['AT-03'], { acr: '' }, 'acr is empty'),
    other('acr as a number', ['AT-03'], { acr: 2 }, 'acr is no text'),
    other('acr as a list', ['AT-03'], { acr: ['aal2'] }, 'acr is no text'),
    other('acr that is null', ['AT-03'], { acr: null }, 'acr is no text'),
    other('bound to a key', ['AT-01'], { cnf: { jkt: 'thumbprint' } }, 'not a bearer token'),
  ]
}

function shapes({ first }: VectorKeys): Vector[] {
  const genuine = issueToken(first)
  const [head = '', body = '', signature = ''] = genuine.split('.')
  const header = JSON.stringify(genuineHeader(first))
  const payload = JSON.stringify(genuineClaims())
  const bom = Buffer.from([0xef, 0xbb, 0xbf])
  const shape = (name: string, rules: string[], token: string, reason: string) =>
    bad(name, rules, token, reason)
  return [
    shape('nothing', ['JWT-19'], '', 'not three parts'),
    shape('two parts', ['JWT-19'], `${head}.${body}`, 'not three parts'),
    shape('four parts', ['JWT-19'], `${genuine}.x`, 'not three parts'),
    shape(
      'five parts, as an encrypted token has',
      ['JWT-06'],
      `${genuine}.${body}.${signature}`,
      'not three parts',
    ),
    shape(
      'JSON in place of dots',
      ['JWT-19'],
      JSON.stringify({ protected: head, payload: body, signature }),
      'not the compact form',
    ),
    shape('padding', ['JWT-23'], `${genuine}==`, 'base64url has no padding'),
    shape('a line break at its end', ['JWT-19'], `${genuine}\n`, 'not base64url'),
    shape('a blank before it', ['JWT-19'], ` ${genuine}`, 'not base64url'),
    shape('over 8,192 characters', ['JWT-24'], issueToken(first, { padding: 'x'.repeat(6_200) }), 'too long'),
    shape('a list as payload', ['JWT-10'], signParts(header, '[]', first), 'not an object'),
    shape('a broken payload', ['JWT-10'], signParts(header, payload.slice(0, -1), first), 'not JSON'),
    shape('bytes after the payload', ['JWT-10'], signParts(header, `${payload}x`, first), 'not JSON'),
    shape(
      'a byte order mark',
      ['JWT-10'],
      signParts(header, Buffer.concat([bom, Buffer.from(payload)]), first),
      'not plain UTF-8',
    ),
    shape('UTF-16', ['JWT-10'], signParts(header, Buffer.from(payload, 'utf16le'), first), 'not UTF-8'),
    shape(
      'a number that JSON does not know',
      ['JWT-10'],
      signParts(header, payload.replace('}', ',"x":NaN}'), first),
      'not JSON',
    ),
    shape(
      'seventeen levels deep',
      ['JWT-24'],
      signParts(header, payload.replace('}', `,"x":${'['.repeat(17)}${']'.repeat(17)}}`), first),
      'nested too deep',
    ),
    shape(
      'alg twice',
      ['JWT-22'],
      signParts(header.replace('{', '{"alg":"none",'), payload, first),
      'a member occurs twice',
    ),
    shape(
      'sub twice',
      ['JWT-22'],
      signParts(header, payload.replace('{', '{"sub":"user-2",'), first),
      'a member occurs twice',
    ),
    shape(
      'exp twice, once with an escape',
      ['JWT-22'],
      signParts(header, payload.replace('}', ',"e\\u0078p":9999999999}'), first),
      'a member occurs twice',
    ),
  ]
}

function signatures({ first, other }: VectorKeys): Vector[] {
  const genuine = issueToken(first)
  const [head = '', body = '', signature = ''] = genuine.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const signed = (raw: Uint8Array) => `${head}.${body}.${base64Url(raw)}`
  const promoted = Buffer.from(body, 'base64url').toString().replace('"member"', '"owner"')
  const flipped = Buffer.from(bytes)
  flipped[10] = (flipped[10] ?? 0) ^ 1
  // If a library reads the two halves as numbers of any length, it accepts this as the same signature.
  const padded = Buffer.concat([bytes.subarray(0, 32), Buffer.alloc(1), bytes.subarray(32)])
  const der = Buffer.concat([
    Buffer.from([0x30, 0x46, 0x02, 0x21, 0x00]),
    bytes.subarray(0, 32),
    Buffer.from([0x02, 0x21, 0x00]),
    bytes.subarray(32),
  ])
  return [
    bad(
      'by another key, with the kid of a published key',
      ['AT-04'],
      issueToken(other),
      'the signature is wrong',
    ),
    bad(
      'another role put in',
      ['JWT-05'],
      `${head}.${base64Url(promoted)}.${signature}`,
      'the signature is wrong',
    ),
    bad('one bit of the signature', ['JWT-05'], signed(flipped), 'the signature is wrong'),
    bad('zeros for a signature', ['JWT-05'], signed(Buffer.alloc(64)), 'the signature is wrong'),
    bad('half a signature', ['JWT-05'], signed(bytes.subarray(0, 32)), 'the signature is wrong'),
    bad(
      'a signature with a zero between its halves',
      ['JWT-23'],
      signed(padded),
      'the signature is 64 bytes',
    ),
    bad('a signature in DER', ['JWT-05'], signed(der), 'the signature is 64 bytes, not DER'),
    bad('no signature', ['JWT-05'], `${head}.${body}.`, 'not signed'),
  ]
}
