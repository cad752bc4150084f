import type { ComponentProps, ReactNode } from 'react'
import { Field } from './field.tsx'
import type { FormState } from './form-state.ts'

/** A text field. After a response, it has the value that the user typed, else the initial value. */
export function TextField({
  state,
  name,
  label,
  hint,
  aside,
  initial = '',
  ...input
}: {
  state: FormState
  name: string
  label: string
  hint?: ReactNode
  /** A control beside the label. */
  aside?: ReactNode
  initial?: string
} & Omit<ComponentProps<'input'>, 'name' | 'defaultValue' | 'className'>) {
  return (
    <Field label={label} hint={hint} aside={aside} error={state.fields[name]}>
      {(control) => (
        <input
          {...control}
          {...input}
          name={name}
          defaultValue={state.values[name] ?? initial}
          className="field"
        />
      )}
    </Field>
  )
}
