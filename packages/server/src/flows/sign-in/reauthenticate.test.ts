import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { passwordDelays } from '../../services/throttle-policy.ts'
import { bearer, password, startSallyport } from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { requireFreshProof } from './reauthenticate.ts'

test.each([
  [600_001, 'insufficient_user_authentication'],
  [600_000, null],
  [0, null],
  [-600_000, null],
  [-600_001, 'insufficient_user_authentication'],
])('a proof of %i ms ago: %s [ASVS 7.5.3]', (age, code) => {
  const now = Date.UTC(2026, 0, 1)
  const authenticated = { session: { authenticatedAt: now - age } } as Authenticated
  const judge = () => requireFreshProof({ clock: () => now }, authenticated)
  if (code === null) expect(judge).not.toThrow()
  else expect(judge).toThrow(code)
})

describe.each(storeKinds)('entering the password again, on %s', (kind) => {
  async function signedIn() {
    const store = await freshStore(kind)
    const server = await startSallyport(store.options)
    await server.addUser()
    const { accessToken } = await server.signIn()
    const confirm = async (secret: string) =>
      (await server.post(paths.reauthenticate, { password: secret }, bearer(accessToken))).status
    return { store, confirm }
  }

  test('counts no try if the store fails before the password is checked', async () => {
    const { store, confirm } = await signedIn()
    await store.query('alter table credential rename to away')
    for (let count = 0; count <= passwordDelays.free; count += 1) expect(await confirm('a guess')).toBe(500)
    await store.query('alter table away rename to credential')
    expect(await confirm(password)).toBe(204)
  })

  test('counts wrong passwords, and resets the count with a right one [ASVS 6.3.1]', async () => {
    const { confirm } = await signedIn()
    const wrong = async (count: number) => {
      for (let done = 0; done < count; done += 1) expect(await confirm('a guess')).toBe(400)
    }
    await wrong(passwordDelays.free - 1)
    expect(await confirm(password)).toBe(204)
    await wrong(passwordDelays.free)
    expect(await confirm(password)).toBe(429)
  })
})
