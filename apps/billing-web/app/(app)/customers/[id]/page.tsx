import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { auth } from '../../../../auth.ts'
import { findCustomer } from '../../../../billing/customers.ts'
import { addressOf } from '../../../../billing/query.ts'
import { CustomerProfile } from '../../../../components/customer/customer-profile.tsx'
import { StatusBadge } from '../../../../components/customer/status-badge.tsx'
import { Breadcrumb } from '../../../../components/shell/breadcrumb.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'
import { buttonStyle } from '../../../../components/surface/button-style.ts'
import { Can } from '../../../../session/client-access.ts'

type Props = { params: Promise<{ id: string }> }

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  await auth.require({ permission: 'customer:read' })
  const customer = await findCustomer((await params).id)
  return { title: customer?.name ?? 'Customer not found' }
}

export default async function CustomerPage({ params }: Props) {
  await auth.require({ permission: 'customer:read' })
  const customer = await findCustomer((await params).id)
  if (customer === null) notFound()
  const { id, name, company, status } = customer
  return (
    <>
      <PageHeader
        above={<Breadcrumb href="/customers">Customers</Breadcrumb>}
        title={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            {name}
            <StatusBadge status={status} />
          </span>
        }
        note={company}
        actions={
          status !== 'churned' && (
            <Can permission="invoice:write">
              <Link
                href={addressOf('/invoices/new', { customerId: id })}
                prefetch={false}
                className={buttonStyle('primary')}
              >
                Invoice this customer
              </Link>
            </Can>
          )
        }
      />
      <CustomerProfile customer={customer} />
    </>
  )
}
