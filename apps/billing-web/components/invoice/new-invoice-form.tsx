'use client'

import { useActionState, useEffect, useState } from 'react'
import { createAndShow } from '../../app/(app)/invoices/new/actions.ts'
import type { CustomerChoice } from '../../billing/customers.ts'
import { draftCents } from '../../billing/invoice-draft.ts'
import { formatMoney } from '../../billing/money.ts'
import { CustomerPreview } from '../customer/customer-preview.tsx'
import { Field } from '../form/field.tsx'
import { type FormState, typed, untouched } from '../form/form-state.ts'
import { SelectBox } from '../form/select-box.tsx'
import { SubmitButton } from '../form/submit-button.tsx'
import { TextField } from '../form/text-field.tsx'
import { useFirstError } from '../form/use-first-error.ts'
import { Alert } from '../surface/notice.tsx'
import { LinesEditor } from './lines-editor.tsx'

export function NewInvoiceForm(props: {
  customers: readonly CustomerChoice[]
  /** The customer that is chosen when the page opens. */
  customerId: string
  /** The idempotency key: the form creates one invoice, even if it is sent several times. */
  idempotencyKey: string
}) {
  const [state, action] = useActionState(createAndShow, untouched)
  const form = useFirstError(state)
  const [values, setValues] = useState<Record<string, string>>(state.values)
  const read = () => {
    if (form.current) setValues(readForm(form.current))
  }

  // React does not control the fields. So their values are read here: after hydration, and after a response has set them.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `read` is new in every render, but the effect must run only after a response
  useEffect(read, [state.answers])

  return (
    <form
      ref={form}
      action={action}
      onInput={read}
      noValidate
      className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_18rem]"
    >
      <div className="min-w-0 space-y-6">
        {state.message && <Alert>{state.message}</Alert>}
        <input
          type="hidden"
          name="idempotencyKey"
          value={state.values.idempotencyKey ?? props.idempotencyKey}
        />
        <div className="card grid gap-5 p-5 sm:grid-cols-[minmax(0,1fr)_9rem]">
          <CustomerField state={state} customers={props.customers} initial={props.customerId} />
          <TextField
            state={state}
            name="dueInDays"
            label="Due in days"
            inputMode="numeric"
            initial="30"
            required
          />
          <CustomerPreview customerId={values.customerId ?? props.customerId} />
        </div>
        <LinesEditor state={state} values={values} onChange={read} />
        <div className="card p-5">
          <Field label="Notes" hint="They are printed on the invoice." error={state.fields.notes}>
            {(control) => (
              <textarea
                {...control}
                name="notes"
                rows={3}
                maxLength={2000}
                defaultValue={state.values.notes}
                className="field block h-auto resize-y py-2"
              />
            )}
          </Field>
        </div>
      </div>
      <div className="card p-5 xl:sticky xl:top-10">
        <p className="flex items-baseline justify-between gap-4">
          <span className="text-soft">Total</span>
          <output className="numeric font-semibold text-2xl tracking-[-0.02em] noscript:hidden">
            {formatMoney(draftCents(values))}
          </output>
          <span className="hidden text-soft noscript:inline">calculated when you create it</span>
        </p>
        <SubmitButton size="large" className="mt-4 w-full">
          Create invoice
        </SubmitButton>
        <p className="mt-3 text-pretty text-[0.8125rem] text-soft">
          You cannot change an invoice after you have created it. You can void it until it is paid.
        </p>
      </div>
    </form>
  )
}

function CustomerField(props: { state: FormState; customers: readonly CustomerChoice[]; initial: string }) {
  const { state, customers, initial } = props
  return (
    <Field label="Customer" error={state.fields.customerId}>
      {(control) => (
        <SelectBox
          // After a response, React resets a form to its initial values. With a new key, the select is created again with the typed value.
          key={state.answers}
          {...control}
          name="customerId"
          defaultValue={state.values.customerId ?? initial}
          required
        >
          <option value="">Choose a customer</option>
          {customers.map(({ id, name, company }) => (
            <option key={id} value={id}>
              {company ? `${company} (${name})` : name}
            </option>
          ))}
        </SelectBox>
      )}
    </Field>
  )
}

function readForm(form: HTMLFormElement): Record<string, string> {
  const data = new FormData(form)
  return typed(data, [...data.keys()])
}
