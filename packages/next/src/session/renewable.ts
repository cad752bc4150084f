import { errorTable, isErrorCode } from '@sallyport/protocol'

type Codes = typeof errorTable
type Unauthorized = { [Code in keyof Codes]: Codes[Code]['status'] extends 401 ? Code : never }[keyof Codes]

/**
 * For each error code with the status 401, whether new tokens help. If they do not, the user must sign in, confirm the password, or send
 * only one credential.
 */
const renewable: Record<Unauthorized, boolean> = {
  token_expired: true,
  token_stale: true,
  token_missing: false,
  token_invalid: false,
  session_ended: false,
  insufficient_user_authentication: false,
  credential_conflict: false,
  invalid_credentials: false,
  client_unauthorized: false,
}

/** Returns whether an error code means that the tokens must be refreshed. */
export function isRenewable(code: unknown): boolean {
  return isErrorCode(code) && errorTable[code].status === 401 && renewable[code as Unauthorized]
}
