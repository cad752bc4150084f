'use client'

import type { Factor } from '@sallyport/next/server'
import { Smartphone } from 'lucide-react'
import { useActionState } from 'react'
import { removeApp, renameApp } from '../../app/(app)/profile/security/actions.ts'
import { Confirm } from '../form/confirm.tsx'
import { type Asks, asking, asksForProof, untouched } from '../form/form-state.ts'
import { IdentityFields } from '../form/identity-fields.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { RenameWay } from './rename-way.tsx'
import { buttonPlaces, WayEntry } from './way-entry.tsx'

/** An authenticator app, with buttons to rename and to remove it. */
export function AuthenticatorApp(props: {
  app: Factor
  isOnly: boolean
  hasPassword: boolean
  isRequired: boolean
  asks: Asks
  nowMs: number
}) {
  const { app, isOnly, hasPassword, isRequired, asks, nowMs } = props
  const canRemove = !(isOnly && isRequired)
  return (
    <WayEntry
      mark={<Smartphone />}
      name={app.name}
      addedAtMs={app.createdAt}
      usedAtMs={app.lastUsedAt}
      nowMs={nowMs}
    >
      <RenameWay
        id={app.id}
        name={app.name}
        action={renameApp}
        buttonClassName={canRemove ? buttonPlaces.left : buttonPlaces.only}
        fields={(state) => (
          <IdentityFields
            state={asking(state, asks)}
            note="You signed in some time ago. Confirm that it is you."
          />
        )}
      />
      {canRemove && <Remove app={app} asks={asks} isOnly={isOnly} hasPassword={hasPassword} />}
    </WayEntry>
  )
}

function Remove(props: { app: Factor; asks: Asks; isOnly: boolean; hasPassword: boolean }) {
  const { app, asks, isOnly, hasPassword } = props
  const [state, action] = useActionState(removeApp, untouched)
  const form = useFirstError(state)
  const shown = asking(state, asks)
  return (
    <Confirm
      label="Remove"
      about={app.name}
      buttonClassName={buttonPlaces.right}
      problem={state.message}
      isOpen={state.answers > 0}
      question={
        isOnly
          ? `This is your only app. Without it, ${hasPassword ? 'only your password protects the account' : 'nobody is asked for a code'}. Your recovery codes are deleted too.`
          : 'The codes of this app do not work any more.'
      }
    >
      <form
        ref={form}
        action={action}
        noValidate
        className={asksForProof(shown) ? 'basis-full space-y-4 pb-1' : ''}
      >
        <input type="hidden" name="id" value={app.id} />
        <IdentityFields state={shown} />
        <SubmitButton kind="danger">
          Remove app<span className="sr-only">: {app.name}</span>
        </SubmitButton>
      </form>
    </Confirm>
  )
}
