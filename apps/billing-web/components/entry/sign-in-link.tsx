'use client'

import { useActionState, useEffect, useRef } from 'react'
import { confirmSignIn } from '../../app/(entry)/login/link/actions.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Moment } from '../surface/day.tsx'
import { Fact } from '../surface/facts.tsx'
import { Alert } from '../surface/notice.tsx'
import { DeadLink } from './dead-link.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { LinkField } from './link-field.tsx'
import { type SignInLinkState, unknownSignIn } from './sign-in-link-state.ts'

/** The page of a mailed sign-in link. It shows which sign-in the link confirms. Nothing happens before a click on its button. */
export function SignInLink() {
  const [state, action] = useActionState(confirmSignIn, unknownSignIn)
  const form = useFirstError(state)
  const wasAsked = useRef(false)

  // As soon as the link is in its field, ask which sign-in it confirms. This uses nothing up.
  useEffect(() => {
    const field = form.current?.querySelector<HTMLInputElement>('input[name="token"]')
    if (wasAsked.current || !field?.value) return
    wasAsked.current = true
    form.current?.requestSubmit()
  })

  // If the user opens another link in the same tab, only the fragment changes. The script of the field has read it already.
  useEffect(() => {
    const ask = () => form.current?.requestSubmit()
    addEventListener('hashchange', ask)
    return () => removeEventListener('hashchange', ask)
  }, [form])

  if (state.step === 'dead-link') {
    return (
      <DeadLink way={{ href: '/login/code', label: 'Send a new mail' }}>
        The link or its code was already used, or it is older than ten minutes. Nobody was signed in.
      </DeadLink>
    )
  }
  const { signIn } = state
  return (
    <>
      <EntryHeading
        title="Confirm your sign-in"
        note={
          signIn === null
            ? 'The link from the mail signs you in after you have confirmed it here.'
            : 'Is this the sign-in that you have requested?'
        }
      />
      <form ref={form} action={action} noValidate className="space-y-5">
        {state.message && !state.isDone && <Alert>{state.message}</Alert>}
        {signIn !== null && <SignInFacts signIn={signIn} />}
        <LinkField state={state} />
        {signIn === null ? (
          <SubmitButton size="large" className="w-full">
            Continue
          </SubmitButton>
        ) : (
          <SubmitButton name="intent" value="confirm" size="large" className="w-full">
            Sign in to Ledgerline
          </SubmitButton>
        )}
      </form>
      {signIn !== null && (
        <p className="mt-4 text-pretty text-soft">
          If you have not requested this, close this page. Nobody is signed in then.
        </p>
      )}
    </>
  )
}

function SignInFacts({ signIn }: { signIn: NonNullable<SignInLinkState['signIn']> }) {
  const { email, requestedAt, device, sameBrowser } = signIn
  return (
    <dl className="grid gap-4 rounded-lg border border-line bg-surface p-4">
      <Fact label="Account">{email}</Fact>
      <Fact label="Requested">
        <Moment timeMs={requestedAt} />
      </Fact>
      <Fact label="With">
        {device}
        {sameBrowser ? ', this browser' : ', another browser than this one'}
      </Fact>
    </dl>
  )
}
