import { expect, it } from 'vitest'
import { inKnownOrder } from './known-order.ts'

const items = (ids: string) => [...ids].map((id) => ({ id }))
const order = (known: string, now: string) =>
  inKnownOrder([...known], items(now))
    .map(({ id }) => id)
    .join('')

it.each([
  ['', 'bac', 'bac'],
  ['abc', 'cba', 'abc'],
  ['abc', 'dcea', 'acde'],
  ['abc', '', ''],
  ['abc', 'x', 'x'],
])('known as %j, now %j: shown as %j', (known, now, shown) => expect(order(known, now)).toBe(shown))
