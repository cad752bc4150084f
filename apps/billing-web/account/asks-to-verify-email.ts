/** Whether this installation wants addresses to be confirmed; the auth server's own setting. Asked on the server, at each request. */
export function asksForProof(): boolean {
  const policy = process.env.SALLYPORT_EMAIL_VERIFICATION
  return policy !== undefined && policy !== 'off'
}
