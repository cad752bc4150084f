/**
 * Returns whether this process runs in production. The result is true if `NODE_ENV` is `production`, or if the public URL is https. A
 * public URL with plain http is accepted only on localhost. The auth server and Next apps use the same rule.
 */
export function isProduction(publicUrl: string | URL, nodeEnv: string | undefined): boolean {
  return nodeEnv === 'production' || new URL(publicUrl).protocol === 'https:'
}
