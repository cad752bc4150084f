import { addressOf } from '../billing/query.ts'

/** Returns the address of the page that asks for the second factor of a sign-in. */
export function secondFactorAddress(returnTo: string | null, way: 'recovery-code' | null = null): string {
  return addressOf('/login/second-factor', { with: way, returnTo })
}
