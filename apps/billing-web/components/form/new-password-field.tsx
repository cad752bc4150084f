'use client'

import { usePasswordStrength } from '../../account/use-password-strength.ts'
import type { FormState } from './form-state.ts'
import { PasswordField } from './password-field.tsx'
import { StrengthMeter } from './strength-meter.tsx'

/** A field for a new password. It shows the strength and advice, but only the server decides whether a password is accepted. */
export function NewPasswordField({
  about = [],
  ...props
}: {
  state: FormState
  name?: string
  label?: string
  /** The user's name and address. If a password contains them, it is weak. */
  about?: readonly string[]
}) {
  const { strength, judge } = usePasswordStrength(props.state.answers)
  return (
    <PasswordField
      {...props}
      state={strength === null ? props.state : withoutError(props.state, props.name ?? 'password')}
      autoComplete="new-password"
      hint={<StrengthMeter strength={strength} />}
      onType={(field) => judge(field.value, wordsIn([...about, ...typedBeside(field)]))}
    />
  )
}

/** Removes the error of the field, because it was about the last password and not about the one that the user is typing. */
function withoutError(state: FormState, name: string): FormState {
  const { [name]: _, ...fields } = state.fields
  return { ...state, fields }
}

/** Returns the user's name and address from the same form. */
function typedBeside({ form }: HTMLInputElement): string[] {
  const fields = [...(form?.elements ?? [])].filter((field) => field instanceof HTMLInputElement)
  return fields
    .filter(({ type, name }) => (type === 'text' || type === 'email') && /^(?:name|email)$/.test(name))
    .map(({ value }) => value)
}

function wordsIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) => [text, ...text.split(/[\s@.]+/)]).filter((word) => word.length > 2)
}
