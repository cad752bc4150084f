import Link from 'next/link'
import { type Invoice, makerOf } from '../../billing/invoice.ts'
import { formatMoney } from '../../billing/money.ts'
import { Day } from '../surface/day.tsx'
import { Fact, Facts } from '../surface/facts.tsx'
import { Section } from '../surface/section.tsx'
import { LinesTable } from './lines-table.tsx'
import { Movements } from './movements.tsx'
import { Timeline } from './timeline.tsx'

/** All details of an invoice. */
export function InvoiceDetails({ invoice, userId }: { invoice: Invoice; userId: string }) {
  const { customerId, customerName, company, currency, amountCents, issuedAtMs, dueAtMs, notes } = invoice
  return (
    <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="min-w-0 space-y-6">
        <div className="card overflow-hidden">
          <dl className="grid grid-cols-2 gap-x-6 gap-y-5 p-5 sm:grid-cols-3">
            <div className="col-span-full">
              <dt className="text-[0.8125rem] text-soft">Amount</dt>
              <dd className="numeric font-semibold text-3xl tracking-[-0.02em]">
                {formatMoney(amountCents, currency)}
              </dd>
            </div>
            <Fact label="Billed to" className="max-sm:col-span-full">
              <Link
                href={`/customers/${customerId}`}
                prefetch={false}
                className="font-medium text-accent-text underline-offset-4 hover:underline"
              >
                {company || customerName}
              </Link>
              {company && <span className="block text-soft">{customerName}</span>}
            </Fact>
            <Fact label="Issued">
              <Day timeMs={issuedAtMs} />
            </Fact>
            <Fact label="Due">
              <Day timeMs={dueAtMs} />
            </Fact>
          </dl>
          <LinesTable invoice={invoice} />
        </div>
        <Movements invoice={invoice} />
      </div>
      <div className="space-y-6">
        <Section title="Timeline">
          <Timeline invoice={invoice} userId={userId} />
        </Section>
        {notes !== '' && (
          <Section title="Notes">
            <p className="whitespace-pre-line px-5 pb-5 text-soft [overflow-wrap:anywhere]">{notes}</p>
          </Section>
        )}
        <Section title="Details">
          <Facts>
            <Fact label="Currency">{currency}</Fact>
            <Fact label="Created by">{makerOf(invoice, userId)}</Fact>
            <Fact label="Reference" className="col-span-full">
              <code className="font-mono text-[0.8125rem]">{invoice.id}</code>
            </Fact>
          </Facts>
        </Section>
      </div>
    </div>
  )
}
