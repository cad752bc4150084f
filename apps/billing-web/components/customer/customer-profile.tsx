import { FileText } from 'lucide-react'
import Link from 'next/link'
import type { CustomerDetails } from '../../billing/customer.ts'
import { formatMoney } from '../../billing/money.ts'
import { addressOf } from '../../billing/query.ts'
import { Figure, FigurePanel } from '../figure/figure-panel.tsx'
import { InvoiceTable } from '../invoice/invoice-table.tsx'
import { buttonStyle } from '../surface/button-style.ts'
import { Day } from '../surface/day.tsx'
import { EmptyState } from '../surface/empty-state.tsx'
import { Fact } from '../surface/facts.tsx'
import { Section } from '../surface/section.tsx'

const regions = new Intl.DisplayNames('en', { type: 'region' })

/** Shows a customer: paid and unpaid amounts, details, and the latest invoices. */
export function CustomerProfile({ customer }: { customer: CustomerDetails }) {
  const { id, email, country, plan, mrrCents, createdAtMs, leftAtMs, invoices } = customer
  return (
    <div className="space-y-6">
      <FigurePanel columns={3}>
        <Figure label="Paid so far" value={formatMoney(customer.paidCents)} />
        <Figure label="Outstanding" value={formatMoney(customer.openCents)} />
        <Figure label="Refunded" value={formatMoney(customer.refundedCents)} />
      </FigurePanel>
      <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_20rem]">
        <Section
          title="Latest invoices"
          className="overflow-hidden"
          action={
            <Link
              href={addressOf('/invoices', { customerId: id })}
              prefetch={false}
              className={`${buttonStyle('quiet', 'small')} -mr-2.5`}
            >
              All invoices
            </Link>
          }
        >
          {invoices.length > 0 ? (
            <InvoiceTable caption="Latest invoices" items={invoices} columns="oneCustomer" />
          ) : (
            <EmptyState Icon={FileText} title="No invoice yet">
              The first invoice is created when the trial ends.
            </EmptyState>
          )}
        </Section>
        <Section title="Details">
          <dl className="space-y-4 px-5 pb-5">
            <Fact label="Email">
              <a
                href={`mailto:${email}`}
                className="text-accent-text underline-offset-4 [overflow-wrap:anywhere] hover:underline"
              >
                {email.replace(/@.*$/, '@')}
                <wbr />
                {email.replace(/^.*@/, '')}
              </a>
            </Fact>
            <Fact label="Country">{regions.of(country) ?? country}</Fact>
            <Fact label="Plan">
              {plan.name}
              <span className="block text-[0.8125rem] text-soft">
                {mrrCents > 0
                  ? `${formatMoney(mrrCents)} a month`
                  : `from ${formatMoney(plan.monthlyCents)} a month`}
              </span>
            </Fact>
            <Fact label="Customer since">
              <Day timeMs={createdAtMs} />
            </Fact>
            {leftAtMs !== null && (
              <Fact label="Left">
                <Day timeMs={leftAtMs} />
              </Fact>
            )}
          </dl>
        </Section>
      </div>
    </div>
  )
}
