import { headers as headerNames } from '@sallyport/protocol'
import { expect, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import type { IssuedTokens } from '../flows/session/issue-tokens.ts'
import { frontendSecret, testOptions } from '../testing/sallyport.ts'
import { privateJson, publicJson } from './answers.ts'
import { deviceCookie, tokenCookies } from './cookies.ts'
import type { Exchange } from './exchange.ts'
import { lightAnswer, lightFetch, textOf, wholeFetch } from './light-answer.ts'
import { TokenTransport } from './token-transport.ts'

const config = readConfig(testOptions)
const tokens = { accessToken: 'a', refreshToken: 'r', expiresIn: 300, refreshExpiresIn: 900 } as IssuedTokens
const known = { ...tokens, device: 'd' }
const fromFrontend = new Headers({ [headerNames.frontendCredential]: frontendSecret })
const answerOf = (issued: IssuedTokens, asCookies: boolean, headers = new Headers()) => {
  const exchange = { request: new Request('http://localhost/', { headers }), config } as Exchange
  const transport = TokenTransport.likeRefreshToken(exchange, asCookies ? undefined : 'r')
  const response = transport.answer({ user: 'ada' }, issued)
  return {
    body: JSON.parse(textOf(response) ?? ''),
    cookies: response.headers.getSetCookie(),
    device: response.headers.get(headerNames.device),
  }
}

test('tokens are sent only in cookies or only in the body', () => {
  const body = { user: 'ada', expiresIn: 300 }
  expect(answerOf(tokens, true)).toEqual({ body, cookies: tokenCookies(tokens, config), device: null })
  const withBoth = { ...body, accessToken: 'a', refreshToken: 'r' }
  expect(answerOf(tokens, false)).toEqual({ body: withBoth, cookies: [], device: null })
})

test('a device id is sent in a cookie, and in a header only if no browser can read it', () => {
  const cookies = tokenCookies(tokens, config)
  expect(answerOf(known, true)).toMatchObject({
    cookies: [...cookies, deviceCookie('d', config)],
    device: null,
  })
  expect(answerOf(known, true, fromFrontend)).toMatchObject({ cookies, device: 'd' })
  expect(answerOf(known, false)).toMatchObject({ cookies: [], device: 'd' })
  expect(answerOf(known, false, fromFrontend)).toMatchObject({ cookies: [], device: 'd' })
})

test('JSON responses say who may cache them', () => {
  const facts = (response: Response) => [
    response.status,
    Object.fromEntries(response.headers),
    textOf(response),
  ]
  const type = { 'content-type': 'application/json' }
  expect(facts(privateJson({ a: 1 }))).toEqual([
    200,
    { ...type, 'cache-control': 'private, no-store' },
    '{"a":1}',
  ])
  expect(facts(privateJson({}, 202))).toEqual([202, { ...type, 'cache-control': 'private, no-store' }, '{}'])
  expect(facts(publicJson([]))).toEqual([200, { ...type, 'cache-control': 'public, max-age=300' }, '[]'])
})

test('a caller that does not write to a socket gets the whole response', async () => {
  const light = (request: Request) =>
    request.method === 'GET' ? lightAnswer('', { status: 201, headers: { a: 'b' } }) : new Response('whole')
  const whole = wholeFetch(light)
  const request = new Request('http://localhost/')
  const made = await whole(request)
  expect([made.status, made.headers.get('a'), made.body === null, await made.text()]).toEqual([
    201,
    'b',
    false,
    '',
  ])
  const other = await whole(new Request('http://localhost/', { method: 'POST' }))
  expect([textOf(other), await other.text()]).toEqual([undefined, 'whole'])
  expect(lightFetch(whole)).toBe(light)
  expect(lightFetch(light)).toBe(light)
})
