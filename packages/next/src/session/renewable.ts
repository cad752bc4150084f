/** Returns whether an error code requires a refresh and not a new sign-in. */
export function isRenewable(code: unknown): boolean {
  return code === 'token_expired' || code === 'token_stale'
}
