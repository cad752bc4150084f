import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

/**
 * The purposes of keys. Each purpose has its own key, which is derived with HKDF (RFC 5869). So one key reveals nothing about another key.
 */
const keyPurposes = [
  'refresh token check',
  'refresh token',
  'signing key',
  'sign-up',
  'mail',
  'device',
  'throttle',
  'backup',
  'totp',
  'provider',
  'provider callback',
  'sign-in code',
  'exported totp',
  'provider token',
] as const
export type KeyPurpose = (typeof keyPurposes)[number]

/** The keys derived from one secret. `id` identifies the secret without revealing it. */
export type SecretKeys = { id: string; keys: ReadonlyMap<KeyPurpose, Buffer> }

export type Keyring = ReturnType<typeof createKeyring>

/** Derives the keys of a secret. */
export function keysOf(secret: string): SecretKeys {
  return {
    id: deriveKey(secret, 'secret id').subarray(0, 12).toString('base64url'),
    keys: new Map(keyPurposes.map((purpose) => [purpose, deriveKey(secret, purpose)])),
  }
}

/** Returns a keyring of these secrets. New data is protected with the first secret. */
export function keyringOf(...secrets: string[]): Keyring {
  return createKeyring(secrets.map(keysOf))
}

/**
 * Returns a keyring of all keys in use. New data is made with the first secret. Data that was made with another secret stays readable. The
 * other secrets are the further secrets of `SALLYPORT_SECRET`, and the secrets that were removed from this setting but whose keys are
 * stored in the database (`former`).
 *
 * `oldest` is the id of the oldest secret. The counts of throttles are found by a keyed hash. This hash always uses the key of the oldest
 * secret, so that the counts continue when the first secret changes.
 */
export function createKeyring(
  own: readonly SecretKeys[],
  former: readonly SecretKeys[] = [],
  oldest?: string,
) {
  const [first] = own
  if (first === undefined) throw new TypeError('SALLYPORT_SECRET is not set.')
  const oldestId = oldest ?? first.id
  const all = [...own, ...former]
  const keys = (purpose: KeyPurpose): Buffer[] => all.flatMap(({ keys: ofOne }) => ofOne.get(purpose) ?? [])
  const key = (purpose: KeyPurpose): Buffer => {
    const [newest] = keys(purpose)
    if (newest === undefined) throw new Error(`There is no key for ${purpose}.`)
    return newest
  }
  // Create each key object only once. If an HMAC gets the bytes of a key, Node creates a key object each time, and the HMAC takes 22 µs
  // instead of 3.8 µs.
  const keyObjects = new Map<Buffer, KeyObject>()
  const keyObjectOf = (bytes: Buffer): KeyObject => {
    const known = keyObjects.get(bytes) ?? createSecretKey(bytes)
    keyObjects.set(bytes, known)
    return known
  }
  const opened = (candidates: readonly Buffer[], sealed: string, context: string): string | null => {
    for (const candidate of candidates) {
      try {
        return unseal(keyObjectOf(candidate), sealed, context)
      } catch {
        // The text was sealed (encrypted) under another secret, or was never sealed.
      }
    }
    return null
  }
  return {
    /** The id of the secret that protects new data. */
    firstId: first.id,
    oldestId,
    /** The keys of the secrets in the settings. */
    own,
    /** Returns the key for new data. */
    key,
    /** Returns all accepted keys. The key for new data is the first. */
    keys,
    /** Returns {@link keys} as key objects for HMACs. */
    macKeys: (purpose: KeyPurpose): KeyObject[] => keys(purpose).map(keyObjectOf),
    /** Returns the key of the oldest secret, for hashes by which rows are found in the database. */
    oldestMacKey: (purpose: KeyPurpose): KeyObject =>
      keyObjectOf(all.find(({ id }) => id === oldestId)?.keys.get(purpose) ?? key(purpose)),
    seal: (purpose: KeyPurpose, plain: string, context: string): string =>
      seal(keyObjectOf(key(purpose)), plain, context),
    /** Decrypts a text that was sealed under any of the secrets. Returns null for every other text. */
    open: (purpose: KeyPurpose, sealed: string, context: string): string | null =>
      opened(keys(purpose), sealed, context),
    /** Returns whether a value was sealed under the first secret. */
    isCurrent: (purpose: KeyPurpose, sealed: string, context: string): boolean =>
      opened([key(purpose)], sealed, context) !== null,
  }
}

/**
 * Encrypts the keys of one secret under another secret (`under`). So data that was made with these keys stays readable after their secret
 * is removed from the settings.
 */
export function sealKeys({ id, keys }: SecretKeys, under: string): string {
  const entries = [...keys].map(([purpose, key]) => [purpose, key.toString('base64url')])
  return seal(deriveKey(under, 'former keys'), JSON.stringify(entries), id)
}

/** Decrypts keys that {@link sealKeys} has encrypted. Returns null if they were encrypted under none of these secrets. */
export function openKeys(id: string, sealed: string, secrets: readonly string[]): SecretKeys | null {
  for (const secret of secrets) {
    try {
      const entries = JSON.parse(unseal(deriveKey(secret, 'former keys'), sealed, id)) as [
        KeyPurpose,
        string,
      ][]
      return { id, keys: new Map(entries.map(([purpose, key]) => [purpose, Buffer.from(key, 'base64url')])) }
    } catch {
      // The keys were sealed under another secret.
    }
  }
  return null
}

/** Derives a key of 32 bytes for one purpose from the server's secret (HKDF, RFC 5869). */
function deriveKey(secret: string, purpose: string, salt: string | Uint8Array = ''): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, `sallyport ${purpose}`, 32))
}

/** Encrypts a text (AES-256-GCM). The text can be decrypted only with the same `context`. */
function seal(key: Buffer | KeyObject, plain: string, context: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context))
  const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')
}

/** Decrypts the result of {@link seal}. Throws if the key, the text or the context is different. */
function unseal(key: Buffer | KeyObject, sealed: string, context: string): string {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(12, 28))
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
}
