'use client'

import { ShieldCheck } from 'lucide-react'
import Link from 'next/link'
import { useActionState } from 'react'
import { confirmAndGoOn } from '../../app/(entry)/confirm/actions.ts'
import { untouched } from '../form/form-state.ts'
import { PasswordField } from '../form/password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { linkStyle } from '../surface/link-style.ts'
import { Alert } from '../surface/notice.tsx'
import { EntryHeading } from './entry-heading.tsx'

/** The form with which a signed-in user confirms the password. */
export function ConfirmForm({ returnTo, email }: { returnTo: string; email: string }) {
  const [state, action] = useActionState(confirmAndGoOn, untouched)
  const form = useFirstError(state)
  return (
    <>
      <EntryHeading
        icon={<ShieldCheck />}
        title="Confirm that it is you"
        note={
          <>
            You are signed in as <strong className="font-medium text-ink">{email}</strong>. Enter your
            password to continue. We ask because you signed in some time ago.
          </>
        }
      />
      <form ref={form} action={action} noValidate className="space-y-4">
        {state.message && <Alert>{state.message}</Alert>}
        <input type="hidden" name="returnTo" value={returnTo} />
        {/* From this field, a password manager knows to which account the password belongs. */}
        <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
        <PasswordField state={state} autoComplete="current-password" />
        <SubmitButton size="large" className="w-full">
          Continue
        </SubmitButton>
      </form>
      <p className="mt-6">
        <Link href="/dashboard" className={linkStyle}>
          Cancel
        </Link>
      </p>
    </>
  )
}
