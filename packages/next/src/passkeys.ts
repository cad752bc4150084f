export type { PasskeyOptions, PasskeyResult } from './client/passkey-ceremony.ts'
export {
  addPasskey,
  arePasskeysSupported,
  confirmWithPasskey,
  proveSecondFactorWithPasskey,
  removePasskey,
  setUpPasskey,
  signInWithPasskey,
} from './client/passkeys.ts'
