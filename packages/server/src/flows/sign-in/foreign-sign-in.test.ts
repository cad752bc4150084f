import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { startSallyport } from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

const email = 'ada@example.com'
const password = 'my password'
/** A version 2 hash from the tests of ASP.NET Core. */
const stored = 'aspnet$ANXrDknc7fGPpigibZXXZFMX4aoqz44JveK6jQuwY3eH/UyPhvr5xTPeGYEckLxz9A=='

describe.each(storeKinds)('a user with an imported hash, on %s', (kind) => {
  async function started(secret: string) {
    const store = await freshStore(kind)
    const server = await startSallyport(store.options)
    const { id } = await server.addUser()
    await store.query(`update credential set secret = '${secret}' where "userId" = '${id}'`)
    const signIn = async (typed: string) =>
      (await server.post(paths.signIn, { email, password: typed, transport: 'bearer' })).status
    const hash = async () =>
      (await store.query<{ secret: string }>('select secret from credential'))[0]?.secret
    return { signIn, hash }
  }

  test('signs in with the old password, whose hash is replaced by argon2id', async () => {
    const { signIn, hash } = await started(stored)
    expect(await signIn('My password')).toBe(401)
    expect(await hash()).toBe(stored)
    expect(await signIn(password)).toBe(200)
    expect(await hash()).toMatch(/^\$argon2id\$v=19\$m=8192,/)
    expect([await signIn(password), await signIn('My password')]).toEqual([200, 401])
  })

  test('can do so in eight requests at once', async () => {
    const { signIn, hash } = await started(stored)
    expect(await Promise.all(Array.from({ length: 8 }, () => signIn(password)))).toEqual(Array(8).fill(200))
    expect(await hash()).toMatch(/^\$argon2id\$/)
  })

  test('is refused like a wrong password if the hash has an unknown format', async () => {
    for (const unknown of ['md5$salt$0123456789abcdef0123456789abcdef', 'sha256$$aa', 'my password']) {
      const { signIn, hash } = await started(unknown)
      expect(await signIn(password)).toBe(401)
      expect(await hash()).toBe(unknown)
    }
  })
})
