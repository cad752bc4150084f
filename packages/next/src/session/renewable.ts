/** Returns whether an error code means that the tokens must be refreshed. Other codes need a new sign-in. */
export function isRenewable(code: unknown): boolean {
  return code === 'token_expired' || code === 'token_stale'
}
