'use client'

import { X } from 'lucide-react'
import { type ComponentProps, useId } from 'react'
import { type LineField, lineFieldName } from '../../billing/invoice-draft.ts'
import { formatMoney } from '../../billing/money.ts'
import type { FormState } from '../form/form-state.ts'

/** The fields of one line of a new invoice. On a wide screen, they are side by side, and only the first line has labels. */
export function LineFields(props: {
  line: number
  position: number
  state: FormState
  amountCents: number | null
  onRemove: (() => void) | null
  /** Whether the line is shown only without scripts. */
  isSpare: boolean
}) {
  const { line, position, state, amountCents, onRemove, isSpare } = props
  const field = { line, isFirst: position === 1, state }
  return (
    <fieldset
      className={`${isSpare ? 'hidden noscript:grid' : 'grid'} grid-cols-2 gap-x-3 gap-y-3 border-line border-b px-5 pt-3 pb-4 sm:grid-cols-[minmax(0,1fr)_5.5rem_7rem_6.5rem_2.25rem] sm:border-b-0 sm:py-1.5`}
    >
      <legend className="sr-only">Line {position}</legend>
      <LineInput
        {...field}
        name="description"
        label="Description"
        maxLength={200}
        className="col-span-2 sm:col-span-1"
      />
      <LineInput {...field} name="quantity" label="Quantity" initial="1" inputMode="numeric" align="right" />
      <LineInput
        {...field}
        name="unitPrice"
        label="Unit price in $"
        inputMode="decimal"
        placeholder="0.00"
        align="right"
      />
      <div>
        {position === 1 && (
          <p
            aria-hidden
            className="mb-1.5 hidden text-right text-[0.8125rem] text-soft sm:block noscript:hidden"
          >
            Amount
          </p>
        )}
        <p className="numeric flex h-9 items-center font-medium sm:justify-end noscript:hidden">
          <span className="mr-2 font-normal text-soft sm:sr-only">Amount</span>
          {formatMoney(amountCents ?? 0)}
        </p>
      </div>
      <div className={`justify-self-end ${position === 1 ? 'sm:pt-6.5' : ''}`}>
        {onRemove && (
          <button
            type="button"
            onClick={onRemove}
            aria-label={`Remove line ${position}`}
            className="grid size-9 place-items-center rounded-lg text-faint hover:bg-sunken hover:text-ink noscript:hidden"
          >
            <X aria-hidden className="size-4" />
          </button>
        )}
      </div>
    </fieldset>
  )
}

function LineInput({
  line,
  isFirst,
  state,
  name,
  label,
  initial = '',
  align,
  className = '',
  ...input
}: {
  line: number
  isFirst: boolean
  state: FormState
  name: LineField
  label: string
  initial?: string
  align?: 'right'
  className?: string
} & Pick<ComponentProps<'input'>, 'inputMode' | 'placeholder' | 'maxLength'>) {
  const id = useId()
  const fieldName = lineFieldName(name, line)
  const error = state.fields[fieldName]
  return (
    <div className={className}>
      <label
        htmlFor={id}
        className={`mb-1.5 block text-[0.8125rem] text-soft ${isFirst ? '' : 'sm:sr-only'} ${align === 'right' ? 'sm:text-right' : ''}`}
      >
        {label}
      </label>
      <input
        {...input}
        id={id}
        name={fieldName}
        defaultValue={state.values[fieldName] ?? initial}
        autoComplete="off"
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        className={`field ${align === 'right' ? 'numeric sm:text-right' : ''}`}
      />
      {error && (
        <p id={`${id}-error`} className="mt-1.5 text-[0.8125rem] text-bad-text">
          {error}
        </p>
      )}
    </div>
  )
}
