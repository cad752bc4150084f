import { Field } from './field.tsx'
import type { FormState } from './form-state.ts'

/** A field for a recovery code. */
export function RecoveryCodeField({ state, takesFocus }: { state: FormState; takesFocus?: boolean }) {
  return (
    <Field label="Recovery code" hint="Each code works only once." error={state.fields.recoveryCode}>
      {(control) => (
        <input
          {...control}
          name="recoveryCode"
          type="text"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          // biome-ignore lint/a11y/noAutofocus: the page asks only for this code
          autoFocus={takesFocus}
          defaultValue={state.values.recoveryCode}
          required
          className="field h-11 font-mono"
        />
      )}
    </Field>
  )
}
