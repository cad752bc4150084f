import { expect, it } from 'vitest'
import { environments, readConfig } from '../../scripts/example/config.ts'

const secrets = { secret: 's', frontendSecret: 'f', verifierSecret: 'v' }
const webOf = (env: Partial<NodeJS.ProcessEnv>) => {
  const variables = env as NodeJS.ProcessEnv
  return environments(readConfig([], variables), secrets, variables).web
}

it.each([
  ['without a mail server', {}, '1'],
  ['with verification off', { SALLYPORT_EMAIL_VERIFICATION: 'off' }, '0'],
  ['with verification by permissions', { SALLYPORT_EMAIL_VERIFICATION: 'permissions' }, '1'],
  ['in production without a policy', { NODE_ENV: 'production' }, '0'],
  ['with a value of its own', { SALLYPORT_EMAIL_VERIFICATION: 'off', ASK_TO_VERIFY_EMAIL: '1' }, '1'],
] as const)('tells the pages whether to ask for verification: %s', (_, env, expected) => {
  expect(webOf(env).ASK_TO_VERIFY_EMAIL).toBe(expected)
})

it('shows the demo accounts on the pages, and not in production', () => {
  expect(webOf({})).toHaveProperty('SHOW_DEMO_ACCOUNTS', '1')
  expect(webOf({ NODE_ENV: 'production' })).not.toHaveProperty('SHOW_DEMO_ACCOUNTS')
})
