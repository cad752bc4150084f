import { expect, test } from 'vitest'
import { type Evidence, violationsIn } from './judge.ts'

const well: Evidence[] = [
  { kind: 'password', email: 'a', possible: ['new'], opens: ['new'], maybeUnregistered: false },
  { kind: 'password', email: 'b', possible: ['old', 'new'], opens: ['old'], maybeUnregistered: false },
  { kind: 'password', email: 'c', possible: ['old'], opens: [], maybeUnregistered: true },
  { kind: 'session', id: 'live', believed: 'live', refreshes: true, isActive: true, isKnownToVerifier: true },
  {
    kind: 'session',
    id: 'ended',
    believed: 'ended',
    refreshes: false,
    isActive: false,
    isKnownToVerifier: false,
  },
  {
    kind: 'session',
    id: 'either',
    believed: 'unknown',
    refreshes: false,
    isActive: false,
    isKnownToVerifier: false,
  },
  {
    kind: 'session',
    id: 'or',
    believed: 'unknown',
    refreshes: true,
    isActive: true,
    isKnownToVerifier: true,
  },
  { kind: 'rotation', id: 's', from: { generation: 3, branch: 1 }, to: { generation: 4, branch: 0 } },
  { kind: 'rotation', id: 's', from: { generation: 3, branch: 1 }, to: { generation: 4, branch: 0 } },
  { kind: 'rotation', id: 't', from: { generation: 3, branch: 0 }, to: { generation: 4, branch: 0 } },
]

test('finds nothing in a correct run, whatever happened to unanswered requests', () => {
  expect(violationsIn(well)).toEqual([])
})

test.each<[string, Evidence, RegExp]>([
  [
    'a lost registration',
    { kind: 'password', email: 'a', possible: ['x'], opens: [], maybeUnregistered: false },
    /lost/,
  ],
  [
    'a lost change of password',
    { kind: 'password', email: 'a', possible: ['new'], opens: ['old'], maybeUnregistered: false },
    /replaced/,
  ],
  [
    'two passwords',
    {
      kind: 'password',
      email: 'a',
      possible: ['old', 'new'],
      opens: ['old', 'new'],
      maybeUnregistered: false,
    },
    /two passwords/,
  ],
  [
    'a session that came back by refresh',
    {
      kind: 'session',
      id: 's',
      believed: 'ended',
      refreshes: true,
      isActive: false,
      isKnownToVerifier: false,
    },
    /alive/,
  ],
  [
    'a session whose access token is active',
    {
      kind: 'session',
      id: 's',
      believed: 'ended',
      refreshes: false,
      isActive: true,
      isKnownToVerifier: false,
    },
    /alive/,
  ],
  [
    'a verifier that was never notified',
    {
      kind: 'session',
      id: 's',
      believed: 'ended',
      refreshes: false,
      isActive: false,
      isKnownToVerifier: true,
    },
    /verifier/,
  ],
  [
    'a lost session',
    {
      kind: 'session',
      id: 's',
      believed: 'live',
      refreshes: false,
      isActive: false,
      isKnownToVerifier: false,
    },
    /lost/,
  ],
  ['an honest client signed out', { kind: 'refusal', id: 's', code: 'session_ended' }, /signed out/],
  [
    'a second successor',
    { kind: 'rotation', id: 's', from: { generation: 3, branch: 0 }, to: { generation: 4, branch: 0 } },
    /two successors/,
  ],
])('finds %s', (_, falsified, complaint) => {
  const found = violationsIn([...well, falsified])
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(complaint)
})
