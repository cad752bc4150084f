'use server'

import { ApiError, type Problem } from '@sallyport/next/server'
import { redirect } from 'next/navigation'
import { auth } from '../../../../auth.ts'
import { draftFieldName, readDraft, writtenLines } from '../../../../billing/invoice-draft.ts'
import { createInvoice } from '../../../../billing/invoices.ts'
import { type FormState, refusedBy, refusedFields, typed } from '../../../../components/form/form-state.ts'

/** Creates an invoice and shows it. */
export async function createAndShow(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ permission: 'invoice:write' })
  const names = [...new Set(form.keys())].filter((name) => !name.startsWith('$')).slice(0, 300)
  const values = typed(form, names)
  const { invoice, fields } = readDraft(values)
  if (invoice === null) return refusedFields(previous, values, fields)
  let id: string
  try {
    ;({ id } = await createInvoice(invoice, keyOf(values)))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.problem?.code === 'idempotency_key_reused') {
      // The form was sent before. The API created the invoice, but the response was lost. Do not create a second invoice.
      const message =
        'An invoice was already created from this form. Look for it in the list before you create another.'
      return refusedFields(previous, { ...values, idempotencyKey: crypto.randomUUID() }, {}, message)
    }
    return refusedBy({ problem: inFormNames(error.problem, values) }, previous, values, names)
  }
  redirect(`/invoices/${id}?notice=created`)
}

// The idempotency key is in the form. So if the same form is sent twice, only one invoice is created.
function keyOf({ idempotencyKey = '' }: Record<string, string>): string {
  return /^[\w-]{16,64}$/.test(idempotencyKey) ? idempotencyKey : crypto.randomUUID()
}

function inFormNames(problem: Problem | null, values: Record<string, string>): Problem | null {
  if (!problem?.errors) return problem
  const written = writtenLines(values)
  const errors = problem.errors.map((error) => ({ ...error, field: draftFieldName(error.field, written) }))
  return { ...problem, errors }
}
