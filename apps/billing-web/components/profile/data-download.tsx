'use client'

import { Download } from 'lucide-react'
import { useActionState } from 'react'
import { confirmForDownload } from '../../app/(app)/profile/data/actions.ts'
import { type Asks, asking, asksForProof, untouched } from '../form/form-state.ts'
import { IdentityFields, SubmitOrConfirm } from '../form/identity-fields.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { Alert, Done } from '../surface/notice.tsx'

const path = '/profile/data'

/** The download of the user's data. Somebody else may use an unlocked screen, so the user must have confirmed recently who they are. */
export function DataDownload({ asks }: { asks: Asks }) {
  const [state, action] = useActionState(confirmForDownload, untouched)
  const form = useFirstError(state)
  if (!asksForProof(asks) || state.isDone) {
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
  const shown = asking(state, asks)
  return (
    <form ref={form} action={action} noValidate className="space-y-4 px-5 pb-5">
      {state.message && <Alert>{state.message}</Alert>}
      <IdentityFields
        state={shown}
        note="You signed in some time ago. Confirm that it is you."
        returnTo={path}
      />
      <SubmitOrConfirm state={shown} returnTo={path}>
        Confirm
      </SubmitOrConfirm>
    </form>
  )
}
