import type { ForeignSettings } from './foreign/check.ts'

/** What the settings say of passwords that other systems have hashed. */
export function foreignHashesOf(config: {
  legacySha2: boolean
  firebaseSignerKey?: string | undefined
  firebaseSaltSeparator: string
}): ForeignSettings {
  const { legacySha2, firebaseSignerKey: signerKey, firebaseSaltSeparator: saltSeparator } = config
  return { legacySha2, firebase: signerKey === undefined ? null : { signerKey, saltSeparator } }
}
