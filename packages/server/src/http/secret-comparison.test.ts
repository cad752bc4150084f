import { expect, test } from 'vitest'
import { noCredential, refusalOf } from './secret-comparison.ts'

const secrets = ['first-secret', 'second']

test.each([[['first-secret']], [['second']], [['x', 'second']], [['first-secret', 'x']]])(
  '%j contains a valid secret',
  (given) => {
    expect(refusalOf(given, secrets, 'SETTING')).toBeNull()
  },
)

test.each<[string[], string[], RegExp | string]>([
  [[], secrets, noCredential],
  [[], [], noCredential],
  [['x'], [], /SETTING is not set here$/],
  [['first-secret,second'], secrets, /^a list was sent/],
  [['x', 'a,b'], secrets, /^a list was sent/],
  [['x'], secrets, /is not in SETTING$/],
  [[''], secrets, /is not in SETTING$/],
  [['first-secre'], secrets, /is not in SETTING$/],
  [['first-secretx'], secrets, /is not in SETTING$/],
  [['FIRST-SECRET'], secrets, /is not in SETTING$/],
])('%j is not in %j, and the reason is %j', (given, known, reason) => {
  expect(refusalOf(given, known, 'SETTING')).toMatch(reason)
})
