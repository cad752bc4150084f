import { type EntryState, firstStep } from './entry-state.ts'

/** The state of the page of a mailed sign-in link. `signIn` is the sign-in that the link confirms, as soon as it is known. */
export type SignInLinkState = EntryState & {
  signIn: { email: string; requestedAt: number; device: string; sameBrowser: boolean } | null
}

export const unknownSignIn: SignInLinkState = { ...firstStep, signIn: null }
