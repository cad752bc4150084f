'use server'

import { ApiError } from '@sallyport/next/server'
import { redirect } from 'next/navigation'
import { auth } from '../../../../auth.ts'
import { voidInvoice } from '../../../../billing/invoices.ts'
import { type FormState, refusedBy } from '../../../../components/form/form-state.ts'

/** Voids an invoice and shows it. If it is called again, nothing changes. */
export async function voidAndShow(id: string, previous: FormState): Promise<FormState> {
  await auth.require({ permission: 'invoice:write' })
  try {
    await voidInvoice(id)
  } catch (error) {
    if (error instanceof ApiError) return refusedBy(error, previous, {}, [])
    throw error
  }
  redirect(`/invoices/${id}?notice=voided`)
}
