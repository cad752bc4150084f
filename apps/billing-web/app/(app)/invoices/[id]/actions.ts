'use server'

import { ApiError } from '@sallyport/next/server'
import { redirect } from 'next/navigation'
import { auth } from '../../../../auth.ts'
import { voidInvoice } from '../../../../billing/invoices.ts'
import { confirmIdentity } from '../../../../components/form/confirm-identity.ts'
import { type FormState, refusedBy, typed } from '../../../../components/form/form-state.ts'

/**
 * Voids an invoice and shows it. If the invoice is already void, nothing changes. If the user has entered the password too long ago, asks
 * for it first.
 */
export async function voidAndShow(previous: FormState, form: FormData): Promise<FormState> {
  await auth.require({ permission: 'invoice:write' })
  const { id = '' } = typed(form, ['id'])
  const refused = await confirmIdentity(previous, form, {})
  if (refused !== null) return refused
  try {
    await voidInvoice(id)
  } catch (error) {
    if (error instanceof ApiError) return refusedBy(error, previous, {}, [])
    throw error
  }
  redirect(`/invoices/${id}?notice=voided`)
}
