import type { ReactNode } from 'react'
import type { Invoice } from '../../billing/invoice.ts'
import { methodName } from '../../billing/invoice-timeline.ts'
import { formatMoney } from '../../billing/money.ts'
import { Day } from '../surface/day.tsx'
import { Section } from '../surface/section.tsx'
import { tableStyle } from '../surface/table-style.ts'

/** The payments and refunds of an invoice. */
export function Movements({ invoice }: { invoice: Invoice }) {
  const { payments, refunds, currency } = invoice
  return (
    <>
      <Section title="Payments" className="overflow-hidden">
        {payments.length === 0 ? (
          <p className="px-5 pb-5 text-soft">Nothing has been paid.</p>
        ) : (
          <MovementTable caption="Payments" about="Method">
            {payments.map(({ id, method, amountCents, paidAtMs }) => (
              <Movement
                key={id}
                about={methodName(method)}
                timeMs={paidAtMs}
                amount={formatMoney(amountCents, currency)}
              />
            ))}
          </MovementTable>
        )}
      </Section>
      {refunds.length > 0 && (
        <Section title="Refunds" className="overflow-hidden">
          <MovementTable caption="Refunds" about="Reason">
            {refunds.map(({ id, reason, amountCents, refundedAtMs }) => (
              <Movement
                key={id}
                about={reason}
                timeMs={refundedAtMs}
                amount={formatMoney(-amountCents, currency)}
              />
            ))}
          </MovementTable>
        </Section>
      )}
    </>
  )
}

function MovementTable({
  caption,
  about,
  children,
}: {
  caption: string
  about: string
  children: ReactNode
}) {
  return (
    <table className={tableStyle.table}>
      <caption className="sr-only">{caption}</caption>
      <thead className={tableStyle.head}>
        <tr>
          <th scope="col" className={tableStyle.heading}>
            {about}
          </th>
          <th scope="col" className={tableStyle.heading}>
            Day
          </th>
          <th scope="col" className={`${tableStyle.heading} text-right`}>
            Amount
          </th>
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  )
}

function Movement({ about, timeMs, amount }: { about: string; timeMs: number; amount: string }) {
  return (
    <tr className="border-line border-b last:border-b-0">
      <td className={tableStyle.cell}>{about}</td>
      <td className={`${tableStyle.cell} whitespace-nowrap text-soft`}>
        <Day timeMs={timeMs} />
      </td>
      <td className={`${tableStyle.cell} whitespace-nowrap text-right`}>{amount}</td>
    </tr>
  )
}
