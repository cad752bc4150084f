import type { Invoice } from '../../billing/invoice.ts'
import { formatMoney } from '../../billing/money.ts'
import { tableStyle } from '../surface/table-style.ts'

const count = new Intl.NumberFormat('en-US')

/** The lines of an invoice, with the total. */
export function LinesTable({ invoice }: { invoice: Invoice }) {
  const { lines, currency, amountCents, payments, refunds, status } = invoice
  const paidCents = payments.reduce((sum, payment) => sum + payment.amountCents, 0)
  const refundedCents = refunds.reduce((sum, refund) => sum + refund.amountCents, 0)
  const dueCents = status === 'void' ? 0 : Math.max(0, amountCents - paidCents)
  return (
    <table className={tableStyle.table}>
      <caption className="sr-only">Lines of the invoice</caption>
      <thead className={tableStyle.head}>
        <tr>
          <th scope="col" className={tableStyle.heading}>
            Description
          </th>
          <th scope="col" className={`${tableStyle.heading} w-16 text-right sm:w-24`}>
            <span className="sm:hidden">Qty</span>
            <span className="hidden sm:inline">Quantity</span>
          </th>
          <th scope="col" className={`${tableStyle.heading} hidden w-32 text-right sm:table-cell`}>
            Unit price
          </th>
          <th scope="col" className={`${tableStyle.heading} w-28 text-right sm:w-32`}>
            Amount
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ description, quantity, unitCents, amountCents }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of an issued invoice never change
          <tr key={index} className="border-line border-b">
            <td className={`${tableStyle.cell} text-pretty py-3 [overflow-wrap:anywhere]`}>
              {description}
              <span className="block text-[0.8125rem] text-soft sm:hidden">
                {formatMoney(unitCents, currency)} each
              </span>
            </td>
            <td className={`${tableStyle.cell} text-right text-soft`}>{count.format(quantity)}</td>
            <td className={`${tableStyle.cell} hidden text-right text-soft sm:table-cell`}>
              {formatMoney(unitCents, currency)}
            </td>
            <td className={`${tableStyle.cell} text-right`}>{formatMoney(amountCents, currency)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <Total label="Total" value={formatMoney(amountCents, currency)} />
        {paidCents > 0 && <Total label="Paid" value={formatMoney(-paidCents, currency)} />}
        {refundedCents > 0 && <Total label="Refunded" value={formatMoney(refundedCents, currency)} />}
        <Total label="Amount due" value={formatMoney(dueCents, currency)} isLast />
      </tfoot>
    </table>
  )
}

function Total({ label, value, isLast = false }: { label: string; value: string; isLast?: boolean }) {
  const weight = isLast ? 'py-3.5 font-semibold' : 'py-1 font-normal'
  return (
    <tr className={isLast ? 'border-line border-t' : 'text-soft first:*:pt-4'}>
      <td className="hidden sm:table-cell" />
      <th scope="row" colSpan={2} className={`px-1.5 text-right sm:px-3 ${weight}`}>
        {label}
      </th>
      <td className={`whitespace-nowrap pr-4 pl-1.5 text-right sm:pr-5 sm:pl-3 ${weight}`}>{value}</td>
    </tr>
  )
}
