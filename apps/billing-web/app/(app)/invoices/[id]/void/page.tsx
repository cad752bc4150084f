import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound, redirect } from 'next/navigation'
import { auth } from '../../../../../auth.ts'
import { isVoidable } from '../../../../../billing/invoice.ts'
import { findInvoice } from '../../../../../billing/invoices.ts'
import { formatMoney } from '../../../../../billing/money.ts'
import { VoidForm } from '../../../../../components/invoice/void-form.tsx'
import { Breadcrumb } from '../../../../../components/shell/breadcrumb.tsx'
import { PageHeader } from '../../../../../components/shell/page-header.tsx'
import { buttonStyle } from '../../../../../components/surface/button-style.ts'

export const metadata: Metadata = { title: 'Void an invoice' }

/** A page with the same content as the dialog on the invoice's page. It is for browsers without scripts. */
export default async function VoidInvoicePage({ params }: { params: Promise<{ id: string }> }) {
  await auth.require({ permission: 'invoice:write' })
  const invoice = await findInvoice((await params).id)
  if (invoice === null) notFound()
  const { id, number, company, customerName, amountCents, currency } = invoice
  if (!isVoidable(invoice)) redirect(`/invoices/${id}`)
  return (
    <div className="max-w-xl">
      <PageHeader
        above={<Breadcrumb href={`/invoices/${id}`}>{number}</Breadcrumb>}
        title={`Void ${number}?`}
        note={`${company || customerName} will not have to pay ${formatMoney(amountCents, currency)}. The number will not be used again. This cannot be undone.`}
      />
      <VoidForm
        id={id}
        align="start"
        cancel={
          <Link href={`/invoices/${id}`} className={buttonStyle('secondary')}>
            Keep invoice
          </Link>
        }
      />
    </div>
  )
}
