/** Whether the code of a refusal asks for a refresh rather than for the person. */
export function isRenewable(code: unknown): boolean {
  return code === 'token_expired' || code === 'token_stale'
}
