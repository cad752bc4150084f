import { expect } from 'vitest'
import { AuthError } from '../auth-error.ts'
import type { Verifier } from '../verifier.ts'

/** The one answer to every bad token: which check failed must not show. */
export const sameAnswer = new AuthError('token_invalid', '').toAnswer()

/** Expects that a token is refused, with the very answer that every other bad token gets. */
export async function expectRefused(verifier: Verifier, token: string): Promise<void> {
  const error = await refusalOf(verifier.verify(token))
  expect(error.toAnswer(), error.reason).toEqual(sameAnswer)
}

/** The AuthError that a promise is rejected with; a pass, or any other error, fails the test. */
export async function refusalOf(outcome: Promise<unknown>): Promise<AuthError> {
  const error: unknown = await outcome.then(
    (value) => new Error(`Let through: ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (!(error instanceof AuthError)) throw error
  return error
}
