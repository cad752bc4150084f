import { AuthError } from '@sallyport/verify'
import { expect, test } from 'vitest'
import { FlowError, isRefusal } from './flow-error.ts'

test.each([
  [new FlowError('invalid_credentials'), true],
  [new FlowError('not_found'), true],
  [new FlowError('too_many_requests'), true],
  [new FlowError('unavailable'), false],
  [new FlowError('internal_error'), false],
  [new FlowError('server_busy'), false],
  [new AuthError('token_invalid', 'for a test'), false],
  [Object.assign(new Error('x'), { code: 'not_found' }), false],
  [undefined, false],
])('isRefusal(%o) is %s', (error, expected) => {
  expect(isRefusal(error)).toBe(expected)
})
