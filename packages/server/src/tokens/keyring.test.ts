import { hkdfSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { createKeyring, keyringOf, keysOf, openKeys, sealKeys } from './keyring.ts'

const [now, before, earlier] = [
  'server-7RtYh3NbVc9XzLk5JhGf2DsAqW',
  'former-8KjHgFdSaQwErTyUiOpZxCvBnM',
  'oldest-2PqLmZr7VbNc4KwHs8PdYx9TfX',
] as const
const derived = (secret: string, purpose: string, bytes = 32) =>
  Buffer.from(hkdfSync('sha256', secret, '', `sallyport ${purpose}`, bytes))

test('derives a key for each purpose, unchanged since the first version, so that sealed data stays readable', () => {
  const { id, keys } = keysOf(now)
  const purposes =
    'refresh token check,refresh token,signing key,sign-up,mail,device,throttle,backup,totp,provider,provider callback,sign-in code,exported totp,provider token'.split(
      ',',
    )
  expect([...keys.keys()]).toEqual(purposes)
  for (const [purpose, key] of keys) expect(key.equals(derived(now, purpose)), purpose).toBe(true)
  expect(id).toBe(derived(now, 'secret id').subarray(0, 12).toString('base64url'))
})

test('seals under the first secret, and opens what any secret has sealed, with the same context and purpose', () => {
  const both = keyringOf(now, before)
  const [fromNow, fromBefore] = [keyringOf(now), keyringOf(before)].map((ring) =>
    ring.seal('mail', 'plain', 'a'),
  )
  for (const sealed of [fromNow ?? '', fromBefore ?? '']) {
    expect(both.open('mail', sealed, 'a')).toBe('plain')
    expect(both.open('mail', sealed, 'b')).toBeNull()
    expect(both.open('sign-up', sealed, 'a')).toBeNull()
  }
  expect(both.isCurrent('mail', fromNow ?? '', 'a')).toBe(true)
  expect(both.isCurrent('mail', fromBefore ?? '', 'a')).toBe(false)
  expect(keyringOf(now).open('mail', both.seal('mail', 'plain', 'a'), 'a')).toBe('plain')
  expect(keyringOf(earlier).open('mail', fromNow ?? '', 'a')).toBeNull()
  expect(both.keys('mail')).toEqual([derived(now, 'mail'), derived(before, 'mail')])
  expect(both.key('mail')).toEqual(derived(now, 'mail'))
})

test('sealed text differs each time, and every changed bit is detected', () => {
  const ring = keyringOf(now)
  const sealed = ring.seal('mail', 'ü', 'a')
  expect(ring.seal('mail', 'ü', 'a')).not.toBe(sealed)
  expect(ring.open('mail', sealed, 'a')).toBe('ü')
  const bytes = Buffer.from(sealed, 'base64url')
  expect(bytes).toHaveLength(12 + 16 + 2)
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    expect(ring.open('mail', changed.toString('base64url'), 'a'), String(at)).toBeNull()
  }
  for (const wrong of ['', 'x', sealed.slice(0, -3)]) expect(ring.open('mail', wrong, 'a')).toBeNull()
})

test('refuses a shortened tag, even if its bytes are right', () => {
  const ring = keyringOf(now)
  const sealed = Buffer.from(ring.seal('mail', '', 'a'), 'base64url')
  expect(ring.open('mail', sealed.toString('base64url'), 'a')).toBe('')
  for (const length of [4, 8, 12, 15])
    expect(
      ring.open('mail', sealed.subarray(0, 12 + length).toString('base64url'), 'a'),
      String(length),
    ).toBeNull()
})

test('look-ups use the key of the oldest secret, if it has one', () => {
  const [own, former] = [[keysOf(now)], [keysOf(before)]]
  const oldestOf = (oldest?: string) => createKeyring(own, former, oldest).oldestMacKey('throttle').export()
  expect(oldestOf()).toEqual(derived(now, 'throttle'))
  expect(oldestOf(keysOf(before).id)).toEqual(derived(before, 'throttle'))
  expect(oldestOf(keysOf(earlier).id)).toEqual(derived(now, 'throttle'))
  const without = createKeyring(own, [{ id: 'former', keys: new Map() }], 'former')
  expect(without.oldestMacKey('throttle').export()).toEqual(derived(now, 'throttle'))
  expect(without.keys('throttle')).toHaveLength(1)
  expect([without.firstId, without.oldestId, without.own]).toEqual([keysOf(now).id, 'former', own])
  expect(createKeyring(own).oldestId).toBe(keysOf(now).id)
})

test('throws without a secret, and without a key for the purpose', () => {
  expect(() => keyringOf()).toThrow(/SALLYPORT_SECRET is not set/)
  expect(() => createKeyring([{ id: 'x', keys: new Map() }]).key('mail')).toThrow(/no key for mail/)
})

test('opens the keys of a former secret only under the secret they were sealed under, and with their own id', () => {
  const keys = keysOf(before)
  const sealed = sealKeys(keys, now)
  expect(openKeys(keys.id, sealed, [earlier, now])).toEqual(keys)
  expect(openKeys(keys.id, sealed, [earlier])).toBeNull()
  expect(openKeys(keys.id, sealed, [])).toBeNull()
  expect(openKeys(keysOf(earlier).id, sealed, [now])).toBeNull()
  expect(
    createKeyring([keysOf(now)], [keys]).open('mail', keyringOf(before).seal('mail', 'old', 'a'), 'a'),
  ).toBe('old')
})
