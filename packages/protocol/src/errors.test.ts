import { describe, expect, it } from 'vitest'
import { challengeFor, type ErrorCode, errorTable, isErrorCode } from './errors.ts'
import { problem, problemResponse, problemSchema } from './problem.ts'

describe('the error table', () => {
  it.each(Object.keys(errorTable) as ErrorCode[])(
    '%s has a valid problem with its own status',
    async (code) => {
      const answer = problemResponse(code, { requestId: 'r' })
      const body = problemSchema.parse(await answer.json())
      expect(answer.status).toBe(errorTable[code].status)
      expect(body).toMatchObject({ status: answer.status, code, requestId: 'r' })
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(answer.headers.get('cache-control')).toBe('private, no-store')
    },
  )

  it('has a challenge for every 401 about a token, without an error code if the token is missing [AT-10, RFC 6750 section 3]', () => {
    for (const code of Object.keys(errorTable) as ErrorCode[]) {
      if (errorTable[code].status === 401 && code !== 'invalid_credentials')
        expect(challengeFor(code), code).toMatch(/^Bearer/)
    }
    const challenges = Object.fromEntries(
      (Object.keys(errorTable) as ErrorCode[]).flatMap((code) => {
        const challenge = challengeFor(code)
        expect(problemResponse(code).headers.get('www-authenticate'), code).toBe(challenge)
        return challenge === null ? [] : [[code, challenge]]
      }),
    )
    const invalid = 'Bearer error="invalid_token"'
    expect(challenges).toEqual({
      token_missing: 'Bearer',
      client_unauthorized: 'Bearer',
      token_invalid: invalid,
      token_expired: invalid,
      token_stale: invalid,
      credential_conflict: invalid,
      session_ended: invalid,
      insufficient_user_authentication: 'Bearer error="insufficient_user_authentication"',
      forbidden: 'Bearer error="insufficient_scope"',
    })
  })

  it('names the required authentication in the body and in the challenge [RFC 9470 section 3]', async () => {
    const answer = problemResponse('insufficient_user_authentication', { acr: 'aal2', maxAgeSeconds: 600 })
    expect(answer.headers.get('www-authenticate')).toBe(
      'Bearer error="insufficient_user_authentication", acr_values="aal2", max_age="600"',
    )
    expect(await answer.json()).toMatchObject({ status: 401, acr: 'aal2', maxAgeSeconds: 600 })
  })

  it('keeps the headers that a response is given, except those it sets itself', () => {
    const given = { 'retry-after': '7', 'cache-control': 'public', 'content-type': 'text/html' }
    expect(Object.fromEntries(problemResponse('too_many_requests', {}, given).headers)).toEqual({
      'retry-after': '7',
      'cache-control': 'private, no-store',
      'content-type': 'application/problem+json',
    })
  })

  it('recognizes only codes of the table', () => {
    expect(isErrorCode('token_invalid')).toBe(true)
    for (const value of ['toString', '__proto__', 'constructor', '', null, 7, ['token_invalid']])
      expect(isErrorCode(value)).toBe(false)
  })

  it('removes unknown members of a refused field', () => {
    const errors = [{ field: 'email', message: 'Enter an email address.', value: 'x' }]
    expect(problemSchema.parse(problem('invalid_request', { errors })).errors).toEqual([
      { field: 'email', message: 'Enter an email address.' },
    ])
    for (const error of [{ field: 'email' }, { message: 'x' }, { field: 7, message: 'x' }])
      expect(problemSchema.safeParse({ ...problem('invalid_request'), errors: [error] }).success).toBe(false)
  })

  it('leaves out the details that it was not given', () => {
    expect(Object.keys(problem('not_found'))).toEqual(['type', 'title', 'status', 'code'])
  })
})
