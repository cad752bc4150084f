import { expect, it } from 'vitest'
import { estimate } from './estimate.ts'

// The server refuses each of these: packages/server/src/credentials/password-policy.test.ts.
it.each([
  'password1password1',
  'trustno1trustno1',
  '123456123456123456',
  'abc123abc123abc123',
  'dragon1dragon2dragon3',
  'dragon dragon dragon dra',
  'trustno1-trustno1',
  'drowssapdrowssap',
  'p4ssw0rdp4ssw0rd',
  'sunshine monkey',
  'sunshine-monkey-99',
  'unbelievableunbelievable',
  'x7#kQ9x7#kQ9',
  'password2024!',
])('does not rate %j as good or strong, which the server refuses', (password) => {
  expect(estimate(password, []).score).toBeLessThan(3)
})

it.each(['open the second door', 'two doors, one of them shut', 'x7#kQ9!vR2@m', 'Tr0ub4dor&3 horses'])(
  'calls %j strong, which the server takes',
  (password) => {
    expect(estimate(password, []).score).toBe(4)
  },
)

it('rates a password with the user’s name or address as weak', () => {
  expect(estimate('ledgerline-lovelace', ['ledgerline', 'lovelace']).score).toBeLessThan(3)
})
