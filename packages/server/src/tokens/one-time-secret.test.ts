import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { newOneTimeSecret, oneTimeHash } from './one-time-secret.ts'

test('a secret for a link has 256 random bits, and only its hash is stored [ASVS 6.5.2, 6.5.4, P02]', () => {
  const bytes = Buffer.from(Array.from({ length: 32 }, (_, at) => at))
  const sizes: number[] = []
  const { secret, hash } = newOneTimeSecret((size) => {
    sizes.push(size)
    return bytes
  })
  expect(sizes).toEqual([32])
  expect(secret).toBe(bytes.toString('base64url'))
  expect(hash).toBe(createHash('sha256').update(secret).digest('base64url'))
  expect(oneTimeHash(secret)).toBe(hash)
})

test('a secret has one spelling, and other text is refused by its form [P02]', () => {
  for (let round = 0; round < 50; round += 1) {
    const { secret } = newOneTimeSecret(randomBytes)
    // The last of 43 characters holds four bits, so three other characters decode to the same bytes.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const last = alphabet.indexOf(secret.at(-1) ?? '')
    for (const other of [1, 2, 3])
      expect(oneTimeHash(secret.slice(0, -1) + alphabet[last + other])).toBeNull()
    for (const other of [
      '',
      `${secret}A`,
      `A${secret}`,
      `${secret}=`,
      `${secret}\n`,
      ` ${secret}`,
      secret.slice(1),
    ])
      expect(oneTimeHash(other)).toBeNull()
  }
})
