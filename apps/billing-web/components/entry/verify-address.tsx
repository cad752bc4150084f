'use client'

import { useActionState } from 'react'
import { proveAddress } from '../../app/(entry)/verify/actions.ts'
import { PasswordField } from '../form/password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Alert } from '../surface/notice.tsx'
import { DeadLink } from './dead-link.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { firstStep } from './entry-state.ts'
import { LinkField } from './link-field.tsx'
import { useSessionOfLink } from './use-session-of-link.ts'

/** A form that confirms an address. It needs the link and the password that was chosen at sign-up. The link alone is not enough. */
export function VerifyAddress({ isSignedIn }: { isSignedIn: boolean }) {
  const [state, action] = useActionState(proveAddress, firstStep)
  const form = useFirstError(state)
  useSessionOfLink(isSignedIn)
  if (state.step === 'dead-link') {
    return (
      <DeadLink way={{ href: '/verify/again', label: 'Send a new link' }}>
        The link was already used, it is older than a day, or we have sent a newer one. If you have already
        confirmed your address, sign in.
      </DeadLink>
    )
  }
  const asksPassword = !isSignedIn || state.fields.password !== undefined
  return (
    <>
      <EntryHeading
        title="Confirm your address"
        note={asksPassword ? 'Enter the password that you have chosen.' : 'Press the button to confirm it.'}
      />
      <form ref={form} action={action} noValidate className="space-y-4">
        {state.message && <Alert>{state.message}</Alert>}
        <LinkField state={state} />
        {asksPassword && <PasswordField state={state} autoComplete="current-password" />}
        <SubmitButton size="large" className="w-full">
          Confirm address
        </SubmitButton>
      </form>
    </>
  )
}
