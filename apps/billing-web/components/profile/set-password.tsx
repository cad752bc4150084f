'use client'

import { useActionState } from 'react'
import { mailFirstPassword } from '../../app/(app)/profile/password/actions.ts'
import { firstStep } from '../entry/entry-state.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { InboxHint } from '../inbox/inbox-hint.tsx'
import { Alert, Done } from '../surface/notice.tsx'

/**
 * A form that mails a link to the user's own address. With the link, a user without a password sets one. It works without scripts. If it is
 * the main form of a page that shows the address already, `email` is null.
 */
export function SetPassword({ email }: { email: string | null }) {
  const [state, action] = useActionState(mailFirstPassword, firstStep)
  const form = useFirstError(state)
  const isMain = email === null
  const address = isMain ? (
    'this address'
  ) : (
    <strong className="font-medium text-ink [overflow-wrap:anywhere]">{email}</strong>
  )
  const isSent = state.step === 'mailed'
  return (
    <form ref={form} action={action} className="space-y-4">
      {state.message && <Alert>{state.message}</Alert>}
      {isSent ? (
        <>
          <Done key={state.answers}>
            Open the link that we have sent to {address}. It works once, for an hour.
          </Done>
          {state.hasInbox && <InboxHint />}
        </>
      ) : (
        <p className="text-pretty text-soft">
          We send a link to {address}. It opens a page where you choose a password. All your devices are then
          signed out.
        </p>
      )}
      <SubmitButton
        kind={isMain && !isSent ? 'primary' : 'secondary'}
        {...(isMain && { size: 'large', className: 'w-full' })}
      >
        {isSent ? 'Send again' : 'Set a password'}
      </SubmitButton>
    </form>
  )
}
