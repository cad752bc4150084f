import { formatRoundMoney } from '../../billing/money.ts'
import { formatCount, formatRate } from '../../billing/rate.ts'
import type { PlanShare } from '../../billing/reports.ts'
import { Section } from '../surface/section.tsx'

/** The revenue of each plan, as a number with a bar behind it. */
export function ByPlan({ plans }: { plans: readonly PlanShare[] }) {
  return (
    <Section title="By plan" note="Current monthly recurring revenue">
      <table className="w-full text-left">
        <caption className="sr-only">Recurring revenue by plan</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">Plan and customers</th>
            <th scope="col">Monthly revenue and share</th>
          </tr>
        </thead>
        <tbody>
          {plans.map(({ plan, customers, mrrCents, share }) => (
            <tr key={plan} className="relative">
              <th scope="row" className="px-5 pt-2.5 pb-6 font-medium">
                {plan}
                <span className="block font-normal text-[0.8125rem] text-soft">
                  {formatCount(customers, 'customer', 'customers')}
                </span>
                <span
                  aria-hidden
                  className="absolute inset-x-5 bottom-2.5 h-1.5 overflow-hidden rounded-full bg-sunken"
                >
                  <span
                    className="block h-full rounded-full bg-accent"
                    style={{ width: `${share * 100}%` }}
                  />
                </span>
              </th>
              <td className="px-5 pt-2.5 pb-6 text-right align-top font-medium">
                {formatRoundMoney(mrrCents)}
                <span className="block font-normal text-[0.8125rem] text-soft">{formatRate(share)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  )
}
