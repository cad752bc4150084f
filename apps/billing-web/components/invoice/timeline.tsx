import { Ban, CircleDollarSign, Clock, FilePen, Send, Undo2 } from 'lucide-react'
import type { Invoice } from '../../billing/invoice.ts'
import { type InvoiceEvent, timelineOf } from '../../billing/invoice-timeline.ts'
import { formatMoney } from '../../billing/money.ts'
import { Moment } from '../surface/day.tsx'

const looks = {
  drafted: { Icon: FilePen, title: 'Drafted' },
  issued: { Icon: Send, title: 'Issued' },
  payment: { Icon: CircleDollarSign, title: 'Payment received' },
  refund: { Icon: Undo2, title: 'Refunded' },
  due: { Icon: Clock, title: 'Fell due' },
  voided: { Icon: Ban, title: 'Voided' },
} as const satisfies Record<InvoiceEvent['kind'], unknown>

/** The events of an invoice, oldest first. */
export function Timeline({ invoice, userId }: { invoice: Invoice; userId: string }) {
  return (
    <ol className="px-5 pb-5">
      {timelineOf(invoice, userId).map(({ kind, timeMs, amountCents, detail }) => {
        const { Icon, title } = looks[kind]
        return (
          <li key={`${kind} ${timeMs} ${amountCents}`} className="group relative flex gap-3.5 pb-5 last:pb-0">
            <span aria-hidden className="absolute top-8 bottom-1 left-3.75 w-px bg-line group-last:hidden" />
            <span className="grid size-7.5 shrink-0 place-items-center rounded-full bg-sunken text-soft">
              <Icon aria-hidden className="size-3.75" />
            </span>
            <div className="min-w-0 flex-1 pt-1">
              <p className="flex justify-between gap-3 font-medium">
                {title}
                {amountCents !== null && (
                  <span className="numeric">{formatMoney(amountCents, invoice.currency)}</span>
                )}
              </p>
              <p className="text-[0.8125rem] text-soft">{detail}</p>
              <p className="numeric text-[0.8125rem] text-faint">
                <Moment timeMs={timeMs} />
              </p>
            </div>
          </li>
        )
      })}
    </ol>
  )
}
