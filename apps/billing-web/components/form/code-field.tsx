'use client'

import type { ReactNode } from 'react'
import { useFormStatus } from 'react-dom'
import { Field } from './field.tsx'
import type { FormState } from './form-state.ts'

const digitsOfCode = 6

/**
 * A field for the code of an authenticator app. Spaces are removed, because apps show the code in two groups. With `submits`, the form is
 * sent as soon as the code is complete.
 */
export function CodeField(props: {
  state: FormState
  label?: string
  hint?: ReactNode
  takesFocus?: boolean
  submits?: boolean
  /** Whether the code is the main thing on the page. */
  isLarge?: boolean
}) {
  const {
    state,
    label = 'Six-digit code',
    hint,
    takesFocus = false,
    submits = false,
    isLarge = false,
  } = props
  const { pending } = useFormStatus()
  return (
    <Field label={label} hint={hint} error={state.fields.code}>
      {(control) => (
        <input
          {...control}
          name="code"
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: the page asks only for this code
          autoFocus={takesFocus}
          required
          onInput={({ currentTarget: field }) => {
            const code = field.value.replaceAll(/\s/g, '')
            if (code !== field.value) field.value = code
            if (submits && !pending && code.length === digitsOfCode && /^\d+$/.test(code))
              field.form?.requestSubmit()
          }}
          className={`field numeric ${
            isLarge
              ? 'h-12 text-center indent-[0.35em] font-medium text-xl tracking-[0.35em]'
              : 'tracking-[0.15em]'
          }`}
        />
      )}
    </Field>
  )
}
