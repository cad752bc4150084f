export type { PasskeyOptions, PasskeyResult } from './client/passkey-ceremony.ts'
export type { PasskeySignUp } from './client/passkeys.ts'
export {
  addPasskey,
  arePasskeysSupported,
  confirmWithPasskey,
  describePasskeySignUp,
  proveSecondFactorWithPasskey,
  removePasskey,
  setUpPasskey,
  signInWithPasskey,
  signUpWithPasskey,
} from './client/passkeys.ts'
