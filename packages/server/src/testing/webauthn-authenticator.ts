import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'

/** What an authenticator does and reports. Tests change it. */
export type Behaviour = {
  /** The origin of the page. */
  origin: string
  rpId: string
  userVerified: boolean
  userPresent: boolean
  backupEligible: boolean
  backedUp: boolean
  /** Members of the client data, such as `crossOrigin`. */
  clientData: Record<string, unknown>
}

type Credential = { id: string; key: KeyObject; userHandle: string; counter: number }

const usual: Behaviour = {
  origin: 'http://localhost:3000',
  rpId: 'localhost',
  userVerified: true,
  userPresent: true,
  backupEligible: false,
  backedUp: false,
  clientData: {},
}

/** An authenticator in software, with the keys of ES256. It signs whatever a test wants. */
export class Authenticator {
  behaviour: Behaviour
  /** Whether the counter grows with each use. Without a counter, it is always 0. */
  counts: boolean
  credentials: Credential[] = []

  constructor(behaviour: Partial<Behaviour> = {}, { counts = true } = {}) {
    this.behaviour = { ...usual, ...behaviour }
    this.counts = counts
  }

  /** Returns an exact copy, as of a stolen key. */
  clone(): Authenticator {
    const copy = new Authenticator(this.behaviour, { counts: this.counts })
    copy.credentials = this.credentials.map((one) => ({
      ...one,
      key: createPrivateKey(one.key.export({ type: 'pkcs8', format: 'pem' })),
    }))
    return copy
  }

  /** Creates a passkey for the options of the server. */
  create(
    options: Record<string, unknown>,
    change: Partial<Behaviour> & {
      attestation?: ReadonlyMap<unknown, unknown>
      format?: string
      aaguid?: string
      type?: string
      /** The algorithm that the key claims to have (COSE). */
      algorithm?: number
    } = {},
  ) {
    const { user, challenge } = options as { user: { id: string }; challenge: string }
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const id = randomBytes(32)
    const credential = { id: id.toString('base64url'), key: privateKey, userHandle: user.id, counter: 0 }
    this.credentials.push(credential)
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    const cose = cbor(
      new Map<unknown, unknown>([
        [1, 2],
        [3, change.algorithm ?? -7],
        [-1, 1],
        [-2, Buffer.from(x, 'base64url')],
        [-3, Buffer.from(y, 'base64url')],
      ]),
    )
    const length = Buffer.alloc(2)
    length.writeUInt16BE(id.length)
    const aaguid = Buffer.from((change.aaguid ?? '0'.repeat(32)).replaceAll('-', ''), 'hex')
    const authData = Buffer.concat([this.#data(credential, 0x40, change), aaguid, length, id, cose])
    const attestationObject = cbor(
      new Map<unknown, unknown>([
        ['fmt', change.format ?? 'none'],
        ['attStmt', change.attestation ?? new Map()],
        ['authData', authData],
      ]),
    )
    return {
      id: credential.id,
      rawId: credential.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: this.#client(change.type ?? 'webauthn.create', challenge, change).toString(
          'base64url',
        ),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal', 'unheard-of'],
      },
    }
  }

  /** Answers the challenge in the options of the server, with the newest credential. */
  get(options: Record<string, unknown>, change: Partial<Behaviour> & { type?: string } = {}) {
    const { challenge } = options as { challenge: string }
    const credential = this.credentials.at(-1)
    if (credential === undefined) throw new Error('The authenticator has no credential.')
    if (this.counts) credential.counter += 1
    const authenticatorData = this.#data(credential, 0, change)
    const clientData = this.#client(change.type ?? 'webauthn.get', challenge, change)
    const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientData).digest()])
    return {
      id: credential.id,
      rawId: credential.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        signature: sign('sha256', signed, credential.key).toString('base64url'),
        userHandle: credential.userHandle as string | null,
      },
    }
  }

  #client(type: string, challenge: string, change: Partial<Behaviour>): Buffer {
    const { origin, clientData } = { ...this.behaviour, ...change }
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false, ...clientData }))
  }

  #data({ counter }: Credential, more: number, change: Partial<Behaviour>): Buffer {
    const { rpId, userVerified, userPresent, backupEligible, backedUp } = { ...this.behaviour, ...change }
    const flags =
      Number(userPresent) |
      (Number(userVerified) << 2) |
      (Number(backupEligible) << 3) |
      (Number(backedUp) << 4) |
      more
    const rest = Buffer.alloc(5)
    rest.writeUInt8(flags, 0)
    rest.writeUInt32BE(counter, 1)
    return Buffer.concat([createHash('sha256').update(rpId).digest(), rest])
  }
}

/** Encodes whole numbers, texts, bytes, lists and maps (RFC 8949 section 3). */
function cbor(value: unknown): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)])
  if (!(value instanceof Map)) throw new TypeError('This value cannot be encoded.')
  return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)])
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  if (length < 256) return Buffer.from([(major << 5) | 24, length])
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255])
}
