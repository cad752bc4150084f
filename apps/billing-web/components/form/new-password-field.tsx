'use client'

import { usePasswordStrength } from '../../account/use-password-strength.ts'
import type { FormState } from './form-state.ts'
import { PasswordField } from './password-field.tsx'
import { StrengthMeter } from './strength-meter.tsx'

/** A password that is being chosen: says how good it is, and how to make it better. The server has the last word. */
export function NewPasswordField({
  about = [],
  ...props
}: {
  state: FormState
  name?: string
  label?: string
  /** What is known about the person: it makes a bad password. */
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

/** What was wrong with the last one says nothing about the one that is being typed. */
function withoutError(state: FormState, name: string): FormState {
  const { [name]: _, ...fields } = state.fields
  return { ...state, fields }
}

/** What else the person has typed in this form about themselves. */
function typedBeside({ form }: HTMLInputElement): string[] {
  const fields = [...(form?.elements ?? [])].filter((field) => field instanceof HTMLInputElement)
  return fields
    .filter(({ type, name }) => (type === 'text' || type === 'email') && /^(?:name|email)$/.test(name))
    .map(({ value }) => value)
}

function wordsIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) => [text, ...text.split(/[\s@.]+/)]).filter((word) => word.length > 2)
}
