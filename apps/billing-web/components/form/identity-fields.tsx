import Link from 'next/link'
import type { ReactNode } from 'react'
import { addressOf } from '../../billing/query.ts'
import { linkStyle } from '../surface/link-style.ts'
import { CodeField } from './code-field.tsx'
import type { FormState } from './form-state.ts'
import { PasswordField } from './password-field.tsx'

/**
 * The fields with which a user proves again who they are. They are shown only if the state of the form asks for them. With `returnTo`, a
 * link opens the page with the other ways, such as a passkey. Users without a password need it. The form must have no other fields, because
 * the user leaves the page, and comes back to `returnTo`.
 */
export function IdentityFields(props: { state: FormState; note?: ReactNode; returnTo?: string }) {
  const { state, note, returnTo } = props
  if (!state.asksPassword) return null
  return (
    <div className="space-y-3">
      {note && <p className="text-pretty text-soft">{note}</p>}
      <PasswordField state={state} autoComplete="current-password" />
      {state.asksCode && <CodeField state={state} label="Code from your authenticator app" />}
      {returnTo !== undefined && (
        <p>
          <Link href={addressOf('/confirm', { returnTo })} className={linkStyle}>
            Confirm another way
          </Link>
        </p>
      )}
    </div>
  )
}
