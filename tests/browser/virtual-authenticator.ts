import type { CDPSession, Page } from 'playwright-core'

/** A built-in authenticator with a screen lock. */
export const platform = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const

export type AuthenticatorOptions = {
  [Key in keyof typeof platform]: (typeof platform)[Key] | boolean | 'usb'
}

/** A virtual authenticator of a page. */
export type VirtualAuthenticator = { id: string; cdp: CDPSession }

export async function addAuthenticator(
  page: Page,
  options: AuthenticatorOptions = platform,
): Promise<VirtualAuthenticator> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: options as never,
  })
  return { cdp, id: authenticatorId }
}

/** Returns the passkeys that the authenticator has stored. */
export async function credentialsOf({ cdp, id }: VirtualAuthenticator) {
  return (await cdp.send('WebAuthn.getCredentials', { authenticatorId: id })).credentials
}
