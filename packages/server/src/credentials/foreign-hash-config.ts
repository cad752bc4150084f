import type { ForeignHashConfig } from './foreign/check.ts'

/** Returns the settings for password hashes of other systems. */
export function foreignHashConfigOf(config: {
  legacySha2: boolean
  firebaseSignerKey?: string | undefined
  firebaseSaltSeparator: string
}): ForeignHashConfig {
  const { legacySha2, firebaseSignerKey: signerKey, firebaseSaltSeparator: saltSeparator } = config
  return { legacySha2, firebase: signerKey === undefined ? null : { signerKey, saltSeparator } }
}
