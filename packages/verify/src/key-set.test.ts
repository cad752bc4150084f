import { describe, expect, test } from 'vitest'
import { readKeySet } from './key-set.ts'
import { createSigningKey } from './testing/issuer.ts'

const [first, second] = ['one', 'two'].map((kid) => createSigningKey(kid).publicJwk)

const read = (document: unknown, previous: ReturnType<typeof readKeySet> = null) =>
  readKeySet(document, ['ES256'], previous ?? new Map())

describe('a JWK set', () => {
  test.each<unknown>([null, 'keys', 1, [], {}, { keys: null }, { keys: { 0: first } }, { keys: 'keys' }])(
    '%j is none',
    (document) => {
      expect(read(document)).toBeNull()
    },
  )

  test('may have 64 keys, and not one more; what is no key in it is left out', () => {
    const keysOf = (length: number) => ({ keys: [first, ...Array(length - 1).fill(null)] })
    expect([...(read(keysOf(64))?.keys() ?? [])]).toEqual(['one'])
    expect(read(keysOf(65))).toBeNull()
  })

  test('keeps the object of a key that is as it was, and makes a new one of a key that has changed', () => {
    const before = read({ keys: [first, second] })
    const changed = { ...createSigningKey('two').publicJwk }
    const after = read({ keys: [first, changed] }, before)
    expect(after?.get('one')?.key).toBe(before?.get('one')?.key)
    expect(after?.get('two')?.key).not.toBe(before?.get('two')?.key)
    expect([before?.size, after?.size]).toEqual([2, 2])
  })

  test('a name that stands there twice belongs to neither', () => {
    const twin = createSigningKey('one').publicJwk
    expect([...(read({ keys: [first, twin, second] })?.keys() ?? [])]).toEqual(['two'])
  })
})
