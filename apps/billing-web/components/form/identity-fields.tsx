import Link from 'next/link'
import type { ReactNode } from 'react'
import { addressOf } from '../../billing/query.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { linkStyle } from '../surface/link-style.ts'
import { CodeField } from './code-field.tsx'
import { asksForProof, type FormState } from './form-state.ts'
import { PasswordField } from './password-field.tsx'
import { SubmitButton } from './submit-button.tsx'

/**
 * The fields with which a user proves again who they are. They are shown only if the state of the form asks for them. With `returnTo`, a
 * link opens the page with the other ways, such as a passkey. Use it only in a form without other fields, because the user leaves the page,
 * and comes back to `returnTo`.
 */
export function IdentityFields(props: { state: FormState; note?: ReactNode; returnTo?: string }) {
  const { state, note, returnTo } = props
  if (!asksForProof(state)) return null
  return (
    <div className="space-y-3">
      {note && <p className="text-pretty text-soft">{note}</p>}
      {state.asksPassword && <PasswordField state={state} autoComplete="current-password" />}
      {state.asksCode && <CodeField state={state} label="Code from your authenticator app" />}
      {returnTo !== undefined && !state.asksElsewhere && (
        <p>
          <Link href={addressOf('/confirm', { returnTo })} className={linkStyle}>
            Confirm another way
          </Link>
        </p>
      )}
    </div>
  )
}

/**
 * The button that sends a form. If the user must first confirm who they are on another page, this is a link to that page instead. From there,
 * the user comes back to `returnTo`.
 */
export function SubmitOrConfirm(props: {
  state: FormState
  returnTo: string
  kind?: 'primary' | 'danger'
  children: ReactNode
}) {
  const { state, returnTo, kind = 'primary', children } = props
  if (!state.asksElsewhere) return <SubmitButton kind={kind}>{children}</SubmitButton>
  return (
    <Link href={addressOf('/confirm', { returnTo })} className={buttonStyle('primary')}>
      Confirm that it is you
    </Link>
  )
}
