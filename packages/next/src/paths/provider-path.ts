/** A path at which the browser begins or finishes a sign-in at an outside provider. */
export type ProviderPath = { provider: string; isCallback: boolean }

/**
 * Returns the provider of a path such as `/api/auth/providers/google` or `/api/auth/providers/google/callback`. Returns null for every other
 * path.
 */
export function providerPathOf(pathname: string): ProviderPath | null {
  const [, provider, callback] =
    /^\/api\/auth\/providers\/([a-z][a-z\d-]{0,31})(\/callback)?\/?$/.exec(pathname) ?? []
  return provider === undefined ? null : { provider, isCallback: callback !== undefined }
}

/**
 * Returns whether this may be the form with which a provider sends the browser back. The form comes from another site, so the rule that
 * requests come from our own pages cannot apply. It has no cookies, and the auth server checks its `state`.
 */
export function isProviderForm(method: string, pathname: string): boolean {
  return method === 'POST' && providerPathOf(pathname)?.isCallback === true
}
