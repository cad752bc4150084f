import { type ReactNode, useActionState } from 'react'
import { Confirm } from '../form/confirm.tsx'
import { type FormState, untouched } from '../form/form-state.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'

/** The button that renames a way to sign in, and its form. */
export function RenameWay(props: {
  id: string
  name: string
  action: (previous: FormState, form: FormData) => Promise<FormState>
  buttonClassName: string
  /** Further fields, for the state of the form. */
  fields?: (state: FormState) => ReactNode
}) {
  const { id, name, action, buttonClassName, fields } = props
  const [state, send] = useActionState(action, untouched)
  const form = useFirstError(state)
  return (
    <Confirm
      label="Rename"
      about={name}
      buttonClassName={buttonClassName}
      problem={state.message}
      isOpen={state.answers > 0}
    >
      <form ref={form} action={send} noValidate className="basis-full space-y-4 py-1">
        <input type="hidden" name="id" value={id} />
        <TextField
          state={state}
          name="name"
          label="Name"
          initial={name}
          autoComplete="off"
          maxLength={60}
          required
        />
        {fields?.(state)}
        <SubmitButton>Save name</SubmitButton>
      </form>
    </Confirm>
  )
}
