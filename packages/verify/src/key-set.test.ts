import { describe, expect, test } from 'vitest'
import { readKeySet } from './key-set.ts'
import { createSigningKey } from './testing/issuer.ts'

const [first, second] = ['one', 'two'].map((kid) => createSigningKey(kid).publicJwk)

const read = (document: unknown, previous: ReturnType<typeof readKeySet> = null) =>
  readKeySet(document, ['ES256'], previous ?? new Map())

describe('a JWK set', () => {
  test.each<unknown>([null, 'keys', 1, [], {}, { keys: null }, { keys: { 0: first } }, { keys: 'keys' }])(
    '%j is not a JWK set',
    (document) => {
      expect(read(document)).toBeNull()
    },
  )

  test('has at most 64 keys; invalid keys are left out', () => {
    const keysOf = (length: number) => ({ keys: [first, ...Array(length - 1).fill(null)] })
    expect([...(read(keysOf(64))?.keys() ?? [])]).toEqual(['one'])
    expect(read(keysOf(65))).toBeNull()
  })

  test('keeps the object of an unchanged key, and creates a new one for a changed key', () => {
    const before = read({ keys: [first, second] })
    const changed = { ...createSigningKey('two').publicJwk }
    const after = read({ keys: [first, changed] }, before)
    expect(after?.get('one')?.key).toBe(before?.get('one')?.key)
    expect(after?.get('two')?.key).not.toBe(before?.get('two')?.key)
    expect([before?.size, after?.size]).toEqual([2, 2])
  })

  test('a kid of two keys belongs to neither', () => {
    const twin = createSigningKey('one').publicJwk
    expect([...(read({ keys: [first, twin, second] })?.keys() ?? [])]).toEqual(['two'])
  })
})
