import { type ErrorCode, errorTable } from '@sallyport/protocol'
import { describe, expect, test } from 'vitest'
import { AuthError } from './auth-error.ts'

describe('AuthError', () => {
  test('answers by the error table, without its reason', async () => {
    const error = new AuthError('token_expired', 'exp has passed')
    const response = error.toResponse('request-1')
    expect(response.status).toBe(401)
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'application/problem+json',
      'cache-control': 'private, no-store',
      'www-authenticate': 'Bearer error="invalid_token"',
    })
    expect(await response.json()).toEqual({
      type: 'urn:sallyport:error:token_expired',
      title: errorTable.token_expired.title,
      status: 401,
      code: 'token_expired',
      requestId: 'request-1',
    })
  })

  test('has only the headers of its code', async () => {
    const headersOf = (code: ErrorCode) => Object.fromEntries(new AuthError(code, 'x').toResponse().headers)
    const always = { 'content-type': 'application/problem+json', 'cache-control': 'private, no-store' }
    expect(headersOf('unavailable')).toEqual({ ...always, 'retry-after': '1' })
    expect(headersOf('origin_refused')).toEqual(always)
    expect(headersOf('forbidden')).toEqual({
      ...always,
      'www-authenticate': 'Bearer error="insufficient_scope"',
    })
    const { body, cookies } = new AuthError('forbidden', 'x').toAnswer()
    expect([Object.keys(JSON.parse(body)), cookies]).toEqual([['type', 'title', 'status', 'code'], []])
  })

  test('has a separate header for each cookie that it clears, and keeps its cause', () => {
    const cause = new Error('why')
    const cookies = ['a=; Max-Age=0', 'b=; Max-Age=0']
    const error = new AuthError('credential_conflict', 'x', { cookies, cause })
    expect(error.toResponse().headers.getSetCookie()).toEqual(cookies)
    expect(error.toAnswer()).toMatchObject({ status: 401, cookies })
    expect(error).toMatchObject({ name: 'AuthError', cause, reason: 'x' })
  })

  test('instanceof accepts errors of a copy of this module in another bundle', async () => {
    const copy = (await import(
      /* @vite-ignore */ `./auth-error.ts?${'copy'}`
    )) as typeof import('./auth-error.ts')
    expect(copy.AuthError).not.toBe(AuthError)
    expect(new copy.AuthError('unavailable', 'x')).toBeInstanceOf(AuthError)
    expect(new Error('unavailable')).not.toBeInstanceOf(AuthError)
    for (const value of [null, undefined, 'AuthError', {}]) expect(value instanceof AuthError).toBe(false)
  })
})
