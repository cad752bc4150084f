'use client'

import { Eye, EyeOff } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { Field } from './field.tsx'
import type { FormState } from './form-state.ts'

/** A password field with a button to show the password. */
export function PasswordField(props: {
  state: FormState
  name?: string
  label?: string
  hint?: ReactNode
  autoComplete: 'current-password' | 'current-password webauthn' | 'new-password'
  takesFocus?: boolean
  /** Called at each change of the value. */
  onType?: (field: HTMLInputElement) => void
}) {
  const { name = 'password', label = 'Password' } = props
  const [isShown, show] = useState(false)
  const Icon = isShown ? EyeOff : Eye
  return (
    <Field label={label} hint={props.hint} error={props.state.fields[name]}>
      {(control) => (
        <div className="relative">
          <input
            {...control}
            name={name}
            type={isShown ? 'text' : 'password'}
            autoComplete={props.autoComplete}
            autoCapitalize="none"
            spellCheck={false}
            // biome-ignore lint/a11y/noAutofocus: only for a step that asks for the password alone
            autoFocus={props.takesFocus}
            required
            onInput={(event) => props.onType?.(event.currentTarget)}
            className="field pr-10"
          />
          <button
            type="button"
            aria-pressed={isShown}
            aria-label={`Show ${label.toLowerCase()}`}
            onClick={() => show(!isShown)}
            className="absolute inset-y-0 right-0 grid w-10 place-items-center rounded-lg text-faint hover:text-ink noscript:hidden"
          >
            <Icon aria-hidden className="size-4" />
          </button>
        </div>
      )}
    </Field>
  )
}
