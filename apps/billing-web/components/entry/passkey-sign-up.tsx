'use client'

import {
  describePasskeySignUp,
  type PasskeySignUp as PasskeySignUpDescription,
  signUpWithPasskey,
} from '@sallyport/next/passkeys'
import { KeyRound } from 'lucide-react'
import { useActionState, useEffect, useState } from 'react'
import { signUpWithPassword } from '../../app/(entry)/signup/passkey/actions.ts'
import { NewPasswordField } from '../form/new-password-field.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { PasskeyButton } from '../passkey/passkey-button.tsx'
import { Fact } from '../surface/facts.tsx'
import { linkStyle } from '../surface/link-style.ts'
import { Alert } from '../surface/notice.tsx'
import { DeadLink } from './dead-link.tsx'
import { EntryHeading } from './entry-heading.tsx'
import { firstStep } from './entry-state.ts'
import { LinkField } from './link-field.tsx'

/**
 * The page of the link of a sign-up with a passkey. It shows which account the link creates. The button creates the passkey, and the account
 * with it. Without scripts, and on devices without passkeys, the user chooses a password instead.
 */
export function PasskeySignUp() {
  const [state, action] = useActionState(signUpWithPassword, firstStep)
  const form = useFirstError(state)
  const [about, setAbout] = useState<PasskeySignUpDescription | null>(null)
  const [isDead, setDead] = useState(false)
  const tokenIn = () => form.current?.querySelector<HTMLInputElement>('input[name="token"]')?.value ?? ''

  // As soon as the link is in its field, ask which account it creates. This uses nothing up.
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    async function describe() {
      const token = form.current?.querySelector<HTMLInputElement>('input[name="token"]')?.value
      if (!token) return
      const described = await describePasskeySignUp(token, { signal })
      if (signal.aborted) return
      if (described.ok) setAbout({ email: described.email, name: described.name })
      setDead(!described.ok && described.reason === 'refused' && described.problem.code === 'link_invalid')
    }
    void describe()
    // If the user opens another link in the same tab, only the fragment changes. The script of the field has read it already.
    addEventListener('hashchange', describe)
    return () => {
      controller.abort()
      removeEventListener('hashchange', describe)
    }
  }, [form])

  if (isDead || state.step === 'dead-link') {
    return (
      <DeadLink way={{ href: '/signup', label: 'Sign up again' }}>
        The link was already used, it is older than a day, or we have sent a newer one. If you have already
        created your account, sign in.
      </DeadLink>
    )
  }
  return (
    <>
      <EntryHeading
        icon={<KeyRound />}
        title="Create your passkey"
        note="With a passkey, you sign in with your screen lock or your security key, without a password."
      />
      <form ref={form} action={action} noValidate className="space-y-5">
        {state.message && <Alert>{state.message}</Alert>}
        {about !== null && (
          <dl className="grid gap-4 rounded-lg border border-line bg-surface p-4">
            <Fact label="Account">{about.email}</Fact>
            <Fact label="Name">{about.name}</Fact>
          </dl>
        )}
        <LinkField state={state} />
        <PasskeyButton
          kind="primary"
          className="w-full"
          use={(signal) => signUpWithPasskey({ token: tokenIn(), signal })}
          onDone={() => location.assign('/dashboard')}
          onFailed={(failure) => {
            const isInvalid = failure.reason === 'refused' && failure.problem.code === 'link_invalid'
            setDead(isInvalid)
            return isInvalid
          }}
        >
          Create a passkey
        </PasskeyButton>
        <details open={state.answers > 0 ? true : undefined}>
          <summary className={`${linkStyle} cursor-pointer`}>Choose a password instead</summary>
          <div className="mt-4 space-y-4">
            <NewPasswordField state={state} about={about === null ? [] : [about.email, about.name]} />
            <SubmitButton kind="secondary" size="large" className="w-full">
              Create account
            </SubmitButton>
          </div>
        </details>
      </form>
    </>
  )
}
