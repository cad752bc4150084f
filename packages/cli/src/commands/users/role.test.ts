import { expect, test } from 'vitest'
import { collectRole, requireRole } from './role.ts'

test.each([
  'owner',
  'Finance (EU)',
  'Buchhaltung-Süd',
  '会計',
  'a',
  'x'.repeat(64),
  'team:billing/admin',
  '🦊',
])('%j is a role', (role) => expect(requireRole(role)).toBe(role))

test.each([
  '',
  ' ',
  ' owner',
  'owner ',
  'a  b',
  'owner,finance',
  'a\nb',
  'a\tb',
  '\u001b[31m',
  'a\u200bb',
  'a\u00a0b',
  '\ud83d',
  'x'.repeat(65),
])('%j is not a role', (role) =>
  expect(() => requireRole(role)).toThrow('A role is 1 to 64 printable characters'),
)

test('counts a role once if it is named twice', () => {
  expect(['b', 'a', 'b'].reduce<string[]>((roles, role) => collectRole(role, roles), [])).toEqual(['b', 'a'])
})
