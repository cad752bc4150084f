'use client'

import { useSession } from '@sallyport/next/client'
import { RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { formatRoundMoney } from '../../billing/money.ts'
import { changeSince, formatCount } from '../../billing/rate.ts'
import { type Summary, type SummaryAnswer, summaryFrom } from '../../billing/summary.ts'
import { Change } from '../figure/change.tsx'
import { Figure, FigurePanel } from '../figure/figure-panel.tsx'
import { buttonStyle } from '../surface/button-style.ts'
import { Moment } from '../surface/day.tsx'

type Reading = { summary: Summary; atMs: number }

/** The key figures. A button updates them without loading the page again. */
export function LiveFigures({ initial }: { initial: Reading }) {
  const session = useSession()
  const [reading, setReading] = useState(initial)
  const [state, setState] = useState<'resting' | 'asking' | 'failed'>('resting')
  const { summary, atMs } = reading

  const refresh = async () => {
    if (state === 'asking') return
    setState('asking')
    try {
      const answer = await session.fetch('/api/summary')
      if (!answer.ok) throw new Error(`/api/summary answered ${answer.status}`)
      setReading({ summary: summaryFrom((await answer.json()) as SummaryAnswer), atMs: Date.now() })
      setState('resting')
    } catch {
      setState('failed')
    }
  }

  return (
    <section aria-labelledby="key-figures">
      <div className="mb-3 flex min-h-8 items-center justify-between gap-4">
        <h2 id="key-figures" className="sr-only">
          Key figures
        </h2>
        <p role="status" className={`text-[0.8125rem] ${state === 'failed' ? 'text-bad-text' : 'text-soft'}`}>
          {state === 'failed' ? (
            'The figures could not be updated. Try again in a moment.'
          ) : (
            <>
              As of <Moment timeMs={atMs} />
            </>
          )}
        </p>
        <button
          type="button"
          onClick={refresh}
          aria-busy={state === 'asking'}
          className={`${buttonStyle('quiet', 'small')} -mr-2.5 noscript:hidden`}
        >
          <RefreshCw aria-hidden className={`size-3.5 ${state === 'asking' ? 'animate-spin' : ''}`} />
          Refresh figures
        </button>
      </div>
      <FigurePanel columns={4}>
        <Figure label="Paid this month" value={formatRoundMoney(summary.paidThisMonthCents)}>
          <Change fraction={changeSince(summary.paidLastMonthCents, summary.paidThisMonthCents)} />
          <span className="numeric">vs {formatRoundMoney(summary.paidLastMonthCents)} last month</span>
        </Figure>
        <Figure label="Outstanding" value={formatRoundMoney(summary.openCents)}>
          Sent and not yet paid
        </Figure>
        <Figure label="Overdue" value={formatRoundMoney(summary.overdueCents)}>
          {formatCount(summary.overdueCount, 'invoice', 'invoices')} past the due date
        </Figure>
        <Figure label="Paying customers" value={summary.activeCustomers.toLocaleString('en-US')}>
          <Change fraction={changeSince(summary.activeCustomersLastMonth, summary.activeCustomers)} />
          <span className="numeric">
            vs {summary.activeCustomersLastMonth.toLocaleString('en-US')} last month
          </span>
        </Figure>
      </FigurePanel>
    </section>
  )
}
