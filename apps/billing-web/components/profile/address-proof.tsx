'use client'

import { useActionState } from 'react'
import { mailProof } from '../../app/(app)/profile/address/actions.ts'
import { untouched } from '../form/form-state.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { Badge } from '../surface/badge.tsx'
import { Alert, DoneBeside } from '../surface/notice.tsx'

/** Shows the address, and whether it is confirmed. If it is not, there is a button to confirm it. */
export function AddressProof({ email, isVerified }: { email: string; isVerified: boolean }) {
  const [state, action] = useActionState(mailProof, untouched)
  return (
    <div className="space-y-4 px-5 pb-5">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="font-medium [overflow-wrap:anywhere]">{email}</span>
        <Badge dot={isVerified ? 'bg-good' : 'bg-warn'}>{isVerified ? 'Confirmed' : 'Not confirmed'}</Badge>
      </p>
      {!isVerified && (
        <form action={action} className="space-y-4">
          {state.message && !state.isDone && <Alert>{state.message}</Alert>}
          <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
            <SubmitButton kind="secondary">Send the link</SubmitButton>
            {state.message && state.isDone && <DoneBeside key={state.answers}>{state.message}</DoneBeside>}
          </div>
        </form>
      )}
    </div>
  )
}
