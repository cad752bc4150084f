'use client'

import type { Identity } from '@sallyport/next/server'
import { useActionState } from 'react'
import { unlinkProvider } from '../../app/(app)/profile/security/way-actions.ts'
import { Confirm } from '../form/confirm.tsx'
import { untouched } from '../form/form-state.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { buttonPlaces } from './way-entry.tsx'

/** The button that removes the link to an account at a provider. */
export function UnlinkProvider({ identity: { id, label } }: { identity: Pick<Identity, 'id' | 'label'> }) {
  const [state, action] = useActionState(unlinkProvider, untouched)
  return (
    <Confirm
      label="Unlink"
      about={label}
      buttonClassName={buttonPlaces.only}
      problem={state.message}
      isOpen={state.answers > 0}
      question={`You cannot sign in with ${label} any more. Your account there stays as it is.`}
    >
      <form action={action} noValidate>
        <input type="hidden" name="id" value={id} />
        <SubmitButton kind="danger">
          Unlink<span className="sr-only"> {label}</span>
        </SubmitButton>
      </form>
    </Confirm>
  )
}
