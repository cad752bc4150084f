import { expect, it } from 'vitest'
import { RecentNames } from './backend-memory.ts'

it('keeps the newest entries, and a repeated entry counts as new', () => {
  const names = new RecentNames(2)
  const held = () => ['a', 'b', 'c'].filter((name) => names.has(name))
  names.add('a')
  names.add('b')
  expect(held()).toEqual(['a', 'b'])
  names.add('a')
  names.add('c')
  expect(held()).toEqual(['a', 'c'])
  names.delete('a')
  expect(held()).toEqual(['c'])
  names.add('b')
  expect(held()).toEqual(['b', 'c'])
})
