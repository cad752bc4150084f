import { expect, it } from 'vitest'
import { activityWords } from './activity.ts'

it.each([
  ['sign_in', 'success', 'Signed in', 'plain'],
  ['sign_in', 'refused', 'Sign-in failed', 'refused'],
  ['refresh_reuse', 'success', 'A session was ended because an old token of it was used', 'refused'],
  ['password_reset', 'refused', 'Refused: New password set with a mailed link', 'refused'],
  ['passkey_added', 'success', 'Passkey added', 'plain'],
  ['passkey_added', 'refused', 'Refused: Passkey added', 'refused'],
  ['constructor', 'success', 'Constructor', 'plain'],
  ['<b>', 'success', 'B', 'plain'],
  ['', 'success', 'Something changed', 'plain'],
] as const)('%s, %s: %s', (action, result, text, tone) =>
  expect(activityWords(action, result)).toEqual({ text, tone }),
)
