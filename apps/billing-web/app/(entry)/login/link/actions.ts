'use server'

import { redirect } from 'next/navigation'
import { secondFactorAddress } from '../../../../account/second-factor-address.ts'
import { mailedSignIn } from '../../../../auth.ts'
import { atStep } from '../../../../components/entry/entry-state.ts'
import { notALink, refusedLink, sentLink } from '../../../../components/entry/link-state.ts'
import type { SignInLinkState } from '../../../../components/entry/sign-in-link-state.ts'
import { done } from '../../../../components/form/form-state.ts'

/**
 * Shows which sign-in the mailed link confirms, and uses nothing up. Signs in only after a click on the button that then appears, so a mail
 * scanner that runs the scripts of the page does not use up the link.
 */
export async function confirmSignIn(previous: SignInLinkState, form: FormData): Promise<SignInLinkState> {
  const { token, values } = sentLink(form)
  if (token === '') return { ...notALink(previous, values), signIn: null }
  // The button confirms only the sign-in that the page has shown.
  if (form.get('intent') !== 'confirm' || previous.signIn === null || previous.values.token !== token) {
    const result = await mailedSignIn.describeLink(token)
    if (!result.ok) return { ...refusedLink(result, previous, values, []), signIn: null }
    const { email, requestedAt, device, sameBrowser } = result
    return { ...atStep('form', done(previous, values)), signIn: { email, requestedAt, device, sameBrowser } }
  }
  const result = await mailedSignIn.confirmLink(token)
  if (!result.ok) return { ...refusedLink(result, previous, values, []), signIn: previous.signIn }
  redirect(result.user === null ? secondFactorAddress('/dashboard') : '/dashboard')
}
