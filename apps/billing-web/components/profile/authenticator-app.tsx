'use client'

import type { Factor } from '@sallyport/next/server'
import { Smartphone } from 'lucide-react'
import { useActionState } from 'react'
import { removeApp, renameApp } from '../../app/(app)/profile/security/actions.ts'
import { Confirm } from '../form/confirm.tsx'
import { type Asks, asking, untouched } from '../form/form-state.ts'
import { IdentityFields } from '../form/identity-fields.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Ago, Day } from '../surface/day.tsx'

const place = 'absolute top-0 w-[calc(50%-0.25rem)] sm:top-5 sm:w-20'

/** An authenticator app, with buttons to rename and to remove it. */
export function AuthenticatorApp(props: {
  app: Factor
  isOnly: boolean
  isRequired: boolean
  asks: Asks
  nowMs: number
}) {
  const { app, isOnly, isRequired, asks, nowMs } = props
  return (
    <li className="relative border-line border-t px-5 py-4">
      <div className="flex items-center gap-3 sm:pr-48">
        <span
          aria-hidden
          className="grid size-9 shrink-0 place-items-center rounded-full bg-sunken text-soft"
        >
          <Smartphone className="size-4" />
        </span>
        <div className="min-w-0">
          <p className="truncate font-medium">{app.name}</p>
          <p className="text-[0.8125rem] text-soft">
            Added <Day timeMs={app.createdAt} /> ·{' '}
            {app.lastUsedAt === null ? (
              'Not used yet'
            ) : (
              <>
                Used <Ago timeMs={app.lastUsedAt} nowMs={nowMs} />
              </>
            )}
          </p>
        </div>
      </div>
      {/* The buttons have fixed places, so that they do not move when a question opens. */}
      <div className="max-sm:relative max-sm:mt-3 max-sm:pt-8">
        <Rename app={app} asks={asks} canRemove={!(isOnly && isRequired)} />
        {!(isOnly && isRequired) && <Remove app={app} asks={asks} isOnly={isOnly} />}
      </div>
    </li>
  )
}

function Rename({ app, asks, canRemove }: { app: Factor; asks: Asks; canRemove: boolean }) {
  const [state, action] = useActionState(renameApp, untouched)
  const form = useFirstError(state)
  return (
    <Confirm
      label="Rename"
      about={app.name}
      buttonClassName={`${place} left-0 sm:left-auto ${canRemove ? 'sm:right-27' : 'sm:right-5'}`}
      problem={state.message}
      isOpen={state.answers > 0}
    >
      <form ref={form} action={action} noValidate className="basis-full space-y-4 py-1">
        <input type="hidden" name="id" value={app.id} />
        <TextField
          state={state}
          name="name"
          label="Name"
          initial={app.name}
          autoComplete="off"
          maxLength={60}
          required
        />
        <IdentityFields
          state={asking(state, asks)}
          note="You signed in some time ago. Confirm that it is you."
        />
        <SubmitButton>Save name</SubmitButton>
      </form>
    </Confirm>
  )
}

function Remove({ app, asks, isOnly }: { app: Factor; asks: Asks; isOnly: boolean }) {
  const [state, action] = useActionState(removeApp, untouched)
  const form = useFirstError(state)
  const shown = asking(state, asks)
  return (
    <Confirm
      label="Remove"
      about={app.name}
      buttonClassName={`${place} right-0 sm:right-5`}
      problem={state.message}
      isOpen={state.answers > 0}
      question={
        isOnly
          ? 'This is your only app. Without it, only your password protects the account. Your recovery codes are deleted too.'
          : 'The codes of this app do not work any more.'
      }
    >
      <form
        ref={form}
        action={action}
        noValidate
        className={shown.asksPassword ? 'basis-full space-y-4 pb-1' : ''}
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
