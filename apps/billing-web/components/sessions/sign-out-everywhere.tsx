'use client'

import { useActionState } from 'react'
import { signOutEverywhere } from '../../app/(app)/profile/sessions/actions.ts'
import { Confirm } from '../form/confirm.tsx'
import { untouched } from '../form/form-state.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { Section } from '../surface/section.tsx'

/** Ends every session, including this one. */
export function SignOutEverywhere() {
  const [state, action] = useActionState(signOutEverywhere, untouched)
  return (
    <Section
      title="Sign out everywhere"
      note="Ends every session, including the one on this device."
      className="relative"
    >
      <div className="px-5 pb-5 sm:not-has-[[open]]:pb-0">
        <Confirm
          label="Sign out everywhere"
          buttonClassName="sm:absolute sm:top-4 sm:right-5"
          problem={state.message}
          question="You are also signed out on this device. To use your account, sign in again."
        >
          <form action={action}>
            <SubmitButton kind="danger">Sign out everywhere</SubmitButton>
          </form>
        </Confirm>
      </div>
    </Section>
  )
}
