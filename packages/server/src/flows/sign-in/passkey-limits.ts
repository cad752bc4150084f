/** The maximum number of passkeys of a user. */
export const maxPasskeys = 20

/** The ways to reach an authenticator that browsers know. Others are not stored. */
export const knownTransports: readonly string[] = [
  'ble',
  'cable',
  'hybrid',
  'internal',
  'nfc',
  'smart-card',
  'usb',
]
