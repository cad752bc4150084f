/**
 * Whether this is production, on the auth server as in a Next app: `NODE_ENV` says so, or the public address is an https one. Only what
 * runs on http is left, and plain http is accepted on localhost alone.
 */
export function isProduction(publicUrl: string | URL, nodeEnv: string | undefined): boolean {
  return nodeEnv === 'production' || new URL(publicUrl).protocol === 'https:'
}
