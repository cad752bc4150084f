import { expect, test } from 'vitest'
import { createHashQueue, type HashQueue } from './hash-queue.ts'
import { createPasswords } from './password.ts'

const cheap = { memoryKibibytes: 8_192, iterations: 1, parallelism: 1 }
const queue = createHashQueue({ concurrency: 2, queueLength: 100 })
const passwords = await createPasswords(queue, cheap)

test('stores a PHC string of argon2id with its cost and its own salt [N-10, ASVS 11.4.2]', async () => {
  const [one, other] = [
    await passwords.hash('open the second door'),
    await passwords.hash('open the second door'),
  ]
  expect(one).toMatch(/^\$argon2id\$v=19\$m=8192,t=1,p=1\$[\w+/]{22,}\$[\w+/]{43}$/)
  expect(one).not.toBe(other)
  expect(await passwords.verify('open the second door', one)).toBe(true)
  expect(await passwords.verify('open the second doo', one)).toBe(false)
})

test('uses the whole password, also beyond 72 bytes [N-06, A08]', async () => {
  const long = 'x'.repeat(1000)
  const stored = await passwords.hash(`${long}a`)
  expect(await passwords.verify(`${long}a`, stored)).toBe(true)
  expect(await passwords.verify(`${long}b`, stored)).toBe(false)
})

test('NFC is the only normalisation [N-07, A09]', async () => {
  const stored = await passwords.hash('caf\u00e9 au lait, bien s\u00fbr')
  expect(await passwords.verify('cafe\u0301 au lait, bien su\u0302r', stored)).toBe(true)
  const ligature = await passwords.hash('the o\ufb03ce door')
  expect(await passwords.verify('the office door', ligature)).toBe(false)
  const kelvin = await passwords.hash('two hundred \u212b')
  expect(await passwords.verify('TWO HUNDRED \u212b', kelvin)).toBe(false)
})

test('no password matches a missing hash, and the same number of hashes is computed [A02]', async () => {
  let passed = 0
  const counting: HashQueue = (work) => {
    passed += 1
    return work()
  }
  const passwords = await createPasswords(Object.assign(counting, queue), cheap)
  const stored = await passwords.hash('open the second door')
  passed = 0
  expect(await passwords.verify('nobody has this password', null)).toBe(false)
  expect(passed).toBe(1)
  expect(await passwords.verify('wrong', stored)).toBe(false)
  expect(passed).toBe(2)
})

test('a hash with a lower cost needs a rehash; an equal or stronger one does not', async () => {
  const stronger = await createPasswords(queue, { ...cheap, iterations: 2 })
  const [weak, strong] = [await passwords.hash('a'), await stronger.hash('a')]
  expect([passwords.needsRehash(weak), passwords.needsRehash(strong)]).toEqual([false, false])
  expect([stronger.needsRehash(weak), stronger.needsRehash(strong)]).toEqual([true, false])
  expect(passwords.needsRehash('$2b$12$abcdefghijklmnopqrstuv')).toBe(true)
  expect(await stronger.verify('a', weak)).toBe(true)
})

test.each([
  { memoryKibibytes: 262_144, iterations: 5 },
  { memoryKibibytes: 524_288, iterations: 1 },
])('refuses a cost at the start that no sign-in could check: %j [A07]', async (cost) => {
  await expect(createPasswords(queue, { ...cost, parallelism: 1 })).rejects.toThrow(
    /^SALLYPORT_HASH_MEMORY_KIBIBYTES times SALLYPORT_HASH_ITERATIONS/,
  )
})

test('accepts a password with the highest cost that can be set', async () => {
  const dear = await createPasswords(queue, { memoryKibibytes: 262_144, iterations: 4, parallelism: 1 })
  expect(await dear.verify('open the second door', await dear.hash('open the second door'))).toBe(true)
})
