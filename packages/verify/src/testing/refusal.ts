import { expect } from 'vitest'
import { AuthError } from '../auth-error.ts'
import type { Verifier } from '../verifier.ts'

/** The response to every invalid token. It must not show which check failed. */
export const sameAnswer = new AuthError('token_invalid', '').toAnswer()

/** Expects that a token is refused with the same response as every other invalid token. */
export async function expectRefused(verifier: Verifier, token: string): Promise<void> {
  const error = await refusalOf(verifier.verify(token))
  expect(error.toAnswer(), error.reason).toEqual(sameAnswer)
}

/** Returns the AuthError that a promise rejects with. A success or another error fails the test. */
export async function refusalOf(outcome: Promise<unknown>): Promise<AuthError> {
  const error: unknown = await outcome.then(
    (value) => new Error(`Let through: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof AuthError)) throw error
  return error
}
