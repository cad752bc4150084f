'use client'

import { MailCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { SubmitButton } from '../form/submit-button.tsx'
import { useCountdown } from '../form/use-countdown.ts'
import { useFirstError } from '../form/use-first-error.ts'
import { useHydrated } from '../form/use-hydrated.ts'
import { InboxHint } from '../inbox/inbox-hint.tsx'
import { Alert, DoneBeside } from '../surface/notice.tsx'
import { EntryHeading } from './entry-heading.tsx'
import type { EntryState } from './entry-state.ts'

/** The user must wait this many seconds before requesting the mail again, because the first mail may not have arrived yet. */
const waitSeconds = 30

/**
 * The step `Check your mail`. It shows the address, and what to do if no mail arrives. Its two forms contain the typed values, so they work
 * without scripts.
 */
export function Mailed(props: {
  state: EntryState
  action: (form: FormData) => void
  title?: string
  /** A form between the heading and the notice about the mail. */
  form?: ReactNode
  children: ReactNode
}) {
  const { state, action, title = 'Check your mail', form, children } = props
  const { code, ...values } = state.values
  const typed = Object.entries(values).map(([name, value]) => (
    <input key={name} type="hidden" name={name} value={value} />
  ))
  const again = useFirstError(state)
  const isHydrated = useHydrated()
  const left = useCountdown(waitSeconds, state.answers)
  const mustWait = isHydrated && left > 0
  return (
    <>
      <EntryHeading
        title={title}
        note={children}
        icon={<MailCheck />}
        takesFocus={state.message === null && !form}
      />
      {state.hasInbox && (
        <div className="mb-6">
          <InboxHint />
        </div>
      )}
      {form && <div className="mb-6">{form}</div>}
      <div className="space-y-4 border-line border-t pt-5">
        <p className="text-pretty text-soft">
          If no mail arrives within two minutes, check your spam folder.
        </p>
        <form ref={again} action={action} className="space-y-4">
          {typed}
          {state.message && !state.isDone && code === undefined && <Alert>{state.message}</Alert>}
          <div className="flex flex-wrap items-center gap-x-4 gap-y-3">
            <SubmitButton name="intent" value="again" kind="secondary" isIdle={mustWait}>
              {mustWait ? (
                <span>
                  Send again in <span className="numeric">{left}</span> s
                </span>
              ) : (
                'Send again'
              )}
            </SubmitButton>
            {state.message && state.isDone && <DoneBeside key={state.answers}>{state.message}</DoneBeside>}
          </div>
        </form>
        <form action={action}>
          {typed}
          <button
            type="submit"
            name="intent"
            value="back"
            className="font-medium text-accent-text underline-offset-4 hover:underline"
          >
            Change the address
          </button>
        </form>
      </div>
    </>
  )
}
