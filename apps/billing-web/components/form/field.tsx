import { type ReactNode, useId } from 'react'

/** The attributes that connect a control with its label, hint and error. */
export type FieldProps = {
  id: string
  'aria-describedby': string | undefined
  'aria-invalid': true | undefined
}

/** A label and a control. A hint or an error is below the control. */
export function Field(props: {
  label: string
  hint?: ReactNode
  error?: string | undefined
  aside?: ReactNode
  className?: string
  children: (control: FieldProps) => ReactNode
}) {
  const id = useId()
  const { label, hint, error, aside, children } = props
  const describedBy = [hint ? `${id}-hint` : '', error && `${id}-error`].filter(Boolean).join(' ')
  return (
    <div className={props.className}>
      <div className="mb-1.5 flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {aside}
      </div>
      {children({
        id,
        'aria-describedby': describedBy || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {hint && (
        <p id={`${id}-hint`} className="mt-1.5 text-[0.8125rem] text-soft">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="mt-1.5 text-[0.8125rem] text-bad-text">
          {error}
        </p>
      )}
    </div>
  )
}
