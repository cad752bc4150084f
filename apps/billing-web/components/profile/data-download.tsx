'use client'

import { Download } from 'lucide-react'
import { useActionState } from 'react'
import { confirmPassword } from '../../app/(app)/profile/data/actions.ts'
import { untouched } from '../form/form-state.ts'
import { PasswordField } from '../form/password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { Alert, Done } from '../surface/notice.tsx'

/** The download of the user's data. Somebody else may use an unlocked screen, so the user must have confirmed the password recently. */
export function DataDownload({ isFresh }: { isFresh: boolean }) {
  const [state, action] = useActionState(confirmPassword, untouched)
  const form = useFirstError(state)
  if (isFresh || state.isDone) {
    return (
      <div className="space-y-4 px-5 pb-5">
        {state.isDone && <Done>Confirmed. You can download your data for ten minutes.</Done>}
        {/* This link is not a client-side navigation, because the response is a file. */}
        <a href="/profile/data/download" className={buttonStyle('secondary')}>
          <Download aria-hidden className="size-4" />
          Download your data
        </a>
      </div>
    )
  }
  return (
    <form ref={form} action={action} noValidate className="space-y-4 px-5 pb-5">
      {state.message && <Alert>{state.message}</Alert>}
      <p className="text-soft">You signed in some time ago. Confirm your password.</p>
      <PasswordField state={state} label="Your password" autoComplete="current-password" />
      <SubmitButton>Confirm</SubmitButton>
    </form>
  )
}
