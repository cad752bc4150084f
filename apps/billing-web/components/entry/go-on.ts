import { headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { addressOf } from '../../billing/query.ts'

/** Redirects after a sign-in. */
export async function goOn(returnTo: string): Promise<never> {
  redirect(await addressAfterSignIn(returnTo))
}

/**
 * Returns the address to open after a sign-in. If the browser runs no scripts, this is the sign-in page. That page checks whether the
 * browser has stored the cookies.
 */
export async function addressAfterSignIn(returnTo: string): Promise<string> {
  const hasScripts = (await headers()).has('next-action')
  return hasScripts ? returnTo : addressOf('/login', { signedIn: '1', returnTo })
}
