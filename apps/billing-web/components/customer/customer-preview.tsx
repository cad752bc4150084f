'use client'

import { useSession } from '@sallyport/next/client'
import { useEffect, useState } from 'react'
import {
  type CustomerDetails,
  type CustomerDetailsAnswer,
  customerDetailsFrom,
} from '../../billing/customer.ts'
import { formatMoney } from '../../billing/money.ts'

type Preview = { customerId: string; customer: CustomerDetails | null }

/** Shows the address and the unpaid amounts of the chosen customer. The form also works without this preview. */
export function CustomerPreview({ customerId }: { customerId: string }) {
  const { fetch } = useSession()
  const [preview, setPreview] = useState<Preview | null>(null)

  useEffect(() => {
    if (customerId === '') return
    const stop = new AbortController()
    fetch(`/api/customers/${encodeURIComponent(customerId)}`, { signal: stop.signal })
      .then(async (answer) => {
        const customer = answer.ok
          ? customerDetailsFrom((await answer.json()) as CustomerDetailsAnswer)
          : null
        setPreview({ customerId, customer })
      })
      .catch(() => {
        if (!stop.signal.aborted) setPreview({ customerId, customer: null })
      })
    return () => stop.abort()
  }, [customerId, fetch])

  const customer = preview?.customerId === customerId ? preview.customer : undefined
  return (
    <p
      aria-live="polite"
      className="-mt-2 min-h-10 text-[0.8125rem] text-soft sm:col-span-2 sm:min-h-5 noscript:hidden"
    >
      {customerId === '' && 'The invoice is sent to the email address of the customer.'}
      {customerId !== '' &&
        customer === null &&
        'The details of the customer cannot be shown right now. You can continue without them.'}
      {customer && (
        <>
          Goes to <span className="text-ink">{customer.email}</span> · {customer.plan.name} plan ·{' '}
          {customer.openCents > 0 ? (
            <>
              <span className="numeric text-ink">{formatMoney(customer.openCents)}</span> outstanding
            </>
          ) : (
            'nothing outstanding'
          )}
        </>
      )}
    </p>
  )
}
