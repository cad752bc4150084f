'use client'

import { useActionState } from 'react'
import { chooseNewPassword } from '../../app/(entry)/reset/actions.ts'
import { NewPasswordField } from '../form/new-password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Alert } from '../surface/notice.tsx'
import { DeadLink } from './dead-link.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { firstStep } from './entry-state.ts'
import { LinkField } from './link-field.tsx'

/** A form for a new password. The mailed link opens it. */
export function ResetPassword() {
  const [state, action] = useActionState(chooseNewPassword, firstStep)
  const form = useFirstError(state)
  if (state.step === 'dead-link') {
    return (
      <DeadLink way={{ href: '/forgot', label: 'Send a new link' }}>
        The link was already used, it has expired, or we have sent a newer one. Your password has not changed.
      </DeadLink>
    )
  }
  return (
    <>
      <EntryHeading
        title="Choose a new password"
        note="All your devices are signed out. Then you sign in with the new password."
      />
      <form ref={form} action={action} noValidate className="space-y-4">
        {state.message && <Alert>{state.message}</Alert>}
        <LinkField state={state} />
        <NewPasswordField state={state} name="newPassword" label="New password" />
        <SubmitButton size="large" className="w-full">
          Set password
        </SubmitButton>
      </form>
    </>
  )
}
