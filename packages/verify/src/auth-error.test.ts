import { errorTable } from '@sallyport/protocol'
import { describe, expect, test } from 'vitest'
import { AuthError } from './auth-error.ts'

describe('AuthError', () => {
  test('answers by the table of protocol, never with its reason', async () => {
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

  test('a copy of this module in another bundle of the process makes errors that are ours too', async () => {
    const copy = (await import(
      /* @vite-ignore */ `./auth-error.ts?${'copy'}`
    )) as typeof import('./auth-error.ts')
    expect(copy.AuthError).not.toBe(AuthError)
    expect(new copy.AuthError('unavailable', 'x')).toBeInstanceOf(AuthError)
    expect(new Error('unavailable')).not.toBeInstanceOf(AuthError)
    for (const value of [null, undefined, 'AuthError', {}]) expect(value instanceof AuthError).toBe(false)
  })
})
