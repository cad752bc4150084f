'use client'

import Link from 'next/link'
import { useActionState } from 'react'
import { confirmNewAddress } from '../../app/(entry)/verify-new-address/actions.ts'
import { PasswordField } from '../form/password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { linkStyle } from '../surface/link-style.ts'
import { Alert } from '../surface/notice.tsx'
import { DeadLink } from './dead-link.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { firstStep } from './entry-state.ts'
import { LinkField } from './link-field.tsx'
import { useSessionOfLink } from './use-session-of-link.ts'

/** A form that confirms a new address. It needs a session or the password, because the mail may have gone to somebody else's address. */
export function ConfirmNewAddress({ isSignedIn }: { isSignedIn: boolean }) {
  const [state, action] = useActionState(confirmNewAddress, firstStep)
  const form = useFirstError(state)
  useSessionOfLink(isSignedIn)
  if (state.step === 'dead-link') {
    return (
      <DeadLink way={{ href: '/profile/address', label: 'Go to your email settings' }}>
        The link was already used, it has expired, or a newer link or a new password has canceled the change.
        Your settings show your current address.
      </DeadLink>
    )
  }
  const asksPassword = !isSignedIn || state.fields.password !== undefined
  return (
    <>
      <EntryHeading
        title="Confirm your new address"
        note="An account asked to use the email address to which we sent this link. After you confirm it, that account signs in with this address."
      />
      <form ref={form} action={action} noValidate className="space-y-4">
        {state.message && <Alert>{state.message}</Alert>}
        <LinkField state={state} />
        {asksPassword && (
          <PasswordField state={state} label="Password of that account" autoComplete="current-password" />
        )}
        <SubmitButton size="large" className="w-full">
          Use this address
        </SubmitButton>
      </form>
      <p className="mt-6 text-pretty text-soft">
        If you did not request this, close the page. Nothing changes then.
      </p>
      {!isSignedIn && (
        <p className="mt-2 text-pretty text-soft">
          You do not have the password?{' '}
          <Link href="/login?returnTo=%2Fverify-new-address" className={linkStyle}>
            Sign in
          </Link>{' '}
          to that account, then open the link in the mail again.
        </p>
      )}
    </>
  )
}
