import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'

/** What a key is for. Each purpose has its own key, derived by HKDF (RFC 5869), so that one reveals nothing about another. */
const keyPurposes = [
  'refresh token check',
  'refresh token',
  'signing key',
  'sign-up',
  'mail',
  'device',
  'throttle',
  'backup',
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

/** Returns a keyring of these secrets. The first one is used for new data. */
export function keyringOf(...secrets: string[]): Keyring {
  return createKeyring(secrets.map(keysOf))
}

/**
 * Returns a keyring of all keys in use. New data is made under the first secret. Data made under the others stays readable: the other secrets
 * of `SALLYPORT_SECRET`, and removed secrets whose keys are in the database (`former`).
 *
 * `oldest` is the id of the oldest secret. Rows that are found by a keyed hash stay under its key, so that counts continue.
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
  // Created once: from bare bytes, Node creates such an object each time, and an HMAC takes six times as long (measured: 22 µs against 3.8).
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
        // Sealed under another secret, or not sealed at all.
      }
    }
    return null
  }
  return {
    /** The id of the secret for new data. */
    firstId: first.id,
    oldestId,
    /** The configured secrets. */
    own,
    /** Returns the key for new data. */
    key,
    /** Returns all accepted keys, the one for new data first. */
    keys,
    /** Returns {@link keys} as key objects for HMACs. */
    macKeys: (purpose: KeyPurpose): KeyObject[] => keys(purpose).map(keyObjectOf),
    /** Returns the key of the oldest secret, for look-ups in the store. */
    oldestMacKey: (purpose: KeyPurpose): KeyObject =>
      keyObjectOf(all.find(({ id }) => id === oldestId)?.keys.get(purpose) ?? key(purpose)),
    seal: (purpose: KeyPurpose, plain: string, context: string): string =>
      seal(keyObjectOf(key(purpose)), plain, context),
    /** Opens what was sealed under any of the secrets; null for anything else. */
    open: (purpose: KeyPurpose, sealed: string, context: string): string | null =>
      opened(keys(purpose), sealed, context),
    /** Whether a value was sealed under the first secret. */
    isCurrent: (purpose: KeyPurpose, sealed: string, context: string): boolean =>
      opened([key(purpose)], sealed, context) !== null,
  }
}

/** Seals the keys of one secret under another, so that data made under it stays readable after the secret is removed. */
export function sealKeys({ id, keys }: SecretKeys, under: string): string {
  const entries = [...keys].map(([purpose, key]) => [purpose, key.toString('base64url')])
  return seal(deriveKey(under, 'former keys'), JSON.stringify(entries), id)
}

/** Opens the keys that {@link sealKeys} has sealed; null if they were sealed under none of these secrets. */
export function openKeys(id: string, sealed: string, secrets: readonly string[]): SecretKeys | null {
  for (const secret of secrets) {
    try {
      const entries = JSON.parse(unseal(deriveKey(secret, 'former keys'), sealed, id)) as [
        KeyPurpose,
        string,
      ][]
      return { id, keys: new Map(entries.map(([purpose, key]) => [purpose, Buffer.from(key, 'base64url')])) }
    } catch {
      // Sealed under another secret.
    }
  }
  return null
}

/** A key for one purpose, derived from the server's secret (HKDF, RFC 5869). 32 bytes. */
function deriveKey(secret: string, purpose: string, salt: string | Uint8Array = ''): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, `sallyport ${purpose}`, 32))
}

/** Encrypts (AES-256-GCM); `context` must be the same again to open it. */
function seal(key: Buffer | KeyObject, plain: string, context: string): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context))
  const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url')
}

/** Opens what {@link seal} made; throws if the key, the text or the context is another. */
function unseal(key: Buffer | KeyObject, sealed: string, context: string): string {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(12, 28))
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
}
