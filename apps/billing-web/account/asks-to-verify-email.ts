/**
 * Returns whether the pages ask users to verify their email address (`ASK_TO_VERIFY_EMAIL=1`). The server reads the variable at each
 * request.
 */
export function asksToVerifyEmail(): boolean {
  return process.env.ASK_TO_VERIFY_EMAIL === '1'
}
