import { expect, test } from 'vitest'
import { setLimits } from './rate-limit.ts'

const limit = { name: 'sign-in', tries: 5, windowSeconds: 60, remaining: 4, resetSeconds: 30 }

test('names each throttle that applied, with its limit and what is left; without one there is no header', () => {
  const headers = new Headers()
  setLimits(headers, [])
  expect(Object.fromEntries(headers)).toEqual({})
  setLimits(headers, [
    limit,
    { ...limit, name: 'address', tries: 9, windowSeconds: 10, remaining: 0, resetSeconds: 1 },
  ])
  expect(Object.fromEntries(headers)).toEqual({
    'ratelimit-policy': '"sign-in";q=5;w=60, "address";q=9;w=10',
    ratelimit: '"sign-in";r=4;t=30, "address";r=0;t=1',
  })
})
