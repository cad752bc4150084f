import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openDatabase } from './database.ts'
import { containing, fold, searchKey } from './search-key.ts'

const database = openDatabase(':memory:')
function matches(text: string, search: string): boolean {
  const row = database.find<{ found: number }>(`SELECT :text LIKE :search ESCAPE '\\' AS found`, {
    text: searchKey(text),
    search: containing(search),
  })
  return row?.found === 1
}

test.each([
  ['José Ibáñez', 'jose', true],
  ['José Ibáñez', 'IBAÑEZ', true],
  ['Åke Sjöberg', 'ake sjo', true],
  ['100% Books', '100%', true],
  ['100 Books', '100%', false],
  ['snake_case', 'e_c', true],
  ['snake case', 'e_c', false],
  ['back\\slash', 'k\\s', true],
  ['anything', '\\', false],
  ['anything', '%', false],
  ['anything', '_', false],
])('%j is found by %j: %s [A14]', (text, search, found) => {
  expect(matches(text, search)).toBe(found)
})

test('a search for any text finds exactly the texts that contain it [A14]', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'B', '%', '_', '\\', 'é', "'", ' '), maxLength: 8 })
  fc.assert(
    fc.property(text, text, (whole, part) => {
      expect(matches(whole + part, part)).toBe(true)
      expect(matches(whole, part)).toBe(fold(whole).includes(fold(part)))
    }),
  )
})
