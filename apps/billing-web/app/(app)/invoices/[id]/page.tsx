import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { auth } from '../../../../auth.ts'
import { isVoidable } from '../../../../billing/invoice.ts'
import { findInvoice } from '../../../../billing/invoices.ts'
import { type Query, queryValue } from '../../../../billing/query.ts'
import { InvoiceDetails } from '../../../../components/invoice/invoice-details.tsx'
import { InvoiceNotice } from '../../../../components/invoice/invoice-notice.tsx'
import { StatusBadge } from '../../../../components/invoice/status-badge.tsx'
import { VoidInvoice } from '../../../../components/invoice/void-invoice.tsx'
import { Breadcrumb } from '../../../../components/shell/breadcrumb.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'
import { Can } from '../../../../session/client-access.ts'

type Props = { params: Promise<{ id: string }>; searchParams: Promise<Query> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  await auth.require({ permission: 'invoice:read' })
  const invoice = await findInvoice((await params).id)
  return { title: invoice?.number ?? 'Invoice not found' }
}

export default async function InvoicePage({ params, searchParams }: Props) {
  const { userId } = await auth.require({ permission: 'invoice:read' })
  const invoice = await findInvoice((await params).id)
  if (invoice === null) notFound()
  const { number, status } = invoice
  return (
    <>
      <PageHeader
        above={<Breadcrumb href="/invoices">Invoices</Breadcrumb>}
        title={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            {number}
            <StatusBadge status={status} />
          </span>
        }
        actions={
          isVoidable(invoice) && (
            <Can permission="invoice:write">
              <VoidInvoice invoice={invoice} />
            </Can>
          )
        }
      />
      <InvoiceNotice notice={queryValue(await searchParams, 'notice')} number={number} />
      <InvoiceDetails invoice={invoice} userId={userId} />
    </>
  )
}
