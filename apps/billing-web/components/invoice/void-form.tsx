'use client'

import { type ReactNode, useActionState } from 'react'
import { voidAndShow } from '../../app/(app)/invoices/[id]/actions.ts'
import { asksForProof, untouched } from '../form/form-state.ts'
import { IdentityFields, SubmitOrConfirm } from '../form/identity-fields.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Alert } from '../surface/notice.tsx'

type VoidFormProps = { id: string; cancel: ReactNode; align?: 'start' | 'end' }

/** The form with which the user confirms that an invoice is to be voided. `cancel` is a link back or a button. */
export function VoidForm({ id, cancel, align = 'end' }: VoidFormProps) {
  const [state, action] = useActionState(voidAndShow, untouched)
  const form = useFirstError(state)
  const returnTo = `/invoices/${id}/void`
  return (
    <form ref={form} action={action} noValidate>
      {/* The id is in a field. It is not bound to the action with `bind`, because if a bound action returns a state, Next sends no
          response to a browser without scripts. */}
      <input type="hidden" name="id" value={id} />
      {state.message && (
        <div className="mb-5">
          <Alert>{state.message}</Alert>
        </div>
      )}
      {asksForProof(state) && (
        <div className="mb-5">
          <IdentityFields
            state={state}
            note="You signed in some time ago. To void the invoice, confirm that it is you."
            returnTo={returnTo}
          />
        </div>
      )}
      <div className={`flex flex-wrap gap-2 ${align === 'end' ? 'justify-end' : 'justify-start'}`}>
        {cancel}
        <SubmitOrConfirm state={state} returnTo={returnTo} kind="danger">
          Void invoice
        </SubmitOrConfirm>
      </div>
    </form>
  )
}
