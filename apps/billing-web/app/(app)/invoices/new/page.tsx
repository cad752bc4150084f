import type { Metadata } from 'next'
import { auth } from '../../../../auth.ts'
import { listCustomerChoices } from '../../../../billing/customers.ts'
import { type Query, queryValue } from '../../../../billing/query.ts'
import { NewInvoiceForm } from '../../../../components/invoice/new-invoice-form.tsx'
import { Breadcrumb } from '../../../../components/shell/breadcrumb.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'

export const metadata: Metadata = { title: 'New invoice' }

export default async function NewInvoicePage({ searchParams }: { searchParams: Promise<Query> }) {
  await auth.require({ permission: 'invoice:write' })
  const customers = await listCustomerChoices()
  return (
    <>
      <PageHeader
        above={<Breadcrumb href="/invoices">Invoices</Breadcrumb>}
        title="New invoice"
        note="The invoice gets the next free number and is open as soon as you create it."
      />
      <NewInvoiceForm
        customers={customers}
        customerId={queryValue(await searchParams, 'customerId')}
        idempotencyKey={crypto.randomUUID()}
      />
    </>
  )
}
