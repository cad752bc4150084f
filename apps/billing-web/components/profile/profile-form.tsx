'use client'

import Link from 'next/link'
import { useActionState } from 'react'
import { saveProfile } from '../../app/(app)/profile/actions.ts'
import { Field } from '../form/field.tsx'
import { untouched } from '../form/form-state.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { linkStyle } from '../surface/link-style.ts'
import { Alert, DoneBeside } from '../surface/notice.tsx'

export function ProfileForm({ name, email }: { name: string; email: string }) {
  const [state, action] = useActionState(saveProfile, untouched)
  const form = useFirstError(state)
  return (
    <form ref={form} action={action} noValidate className="space-y-4 px-5 pb-5">
      {state.message && <Alert>{state.message}</Alert>}
      <TextField
        state={state}
        name="name"
        label="Name"
        initial={name}
        autoComplete="name"
        maxLength={100}
        required
      />
      <Field
        label="Email"
        hint={
          <>
            You sign in with this address.{' '}
            <Link href="/profile/address" className={linkStyle}>
              Change address
            </Link>
          </>
        }
      >
        {(control) => <input {...control} type="email" value={email} readOnly className="field" />}
      </Field>
      <div className="flex flex-wrap items-center gap-3">
        <SubmitButton>Save</SubmitButton>
        {state.isDone && <DoneBeside key={state.answers}>Saved</DoneBeside>}
      </div>
    </form>
  )
}
