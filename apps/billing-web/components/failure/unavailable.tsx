'use client'

import { CloudOff } from 'lucide-react'
import Link from 'next/link'
import { useTransition } from 'react'
import { buttonStyle } from '../surface/button-style.ts'

/** Shown if a service cannot be reached, or after an error. The user stays signed in and can try again. */
export function Unavailable(props: {
  retry: () => void
  reference: string | undefined
  elsewhere: '/' | '/dashboard'
}) {
  const [isTrying, startTrying] = useTransition()
  return (
    <div className="mx-auto flex max-w-md flex-col items-center py-16 text-center lg:py-24">
      <span className="mb-5 grid size-12 place-items-center rounded-full bg-sunken text-soft">
        <CloudOff aria-hidden className="size-5.5" />
      </span>
      <h1 className="font-semibold text-xl tracking-tight">This page cannot be shown right now</h1>
      <p className="mt-2 text-pretty text-soft" role="alert">
        A service did not respond correctly. You are still signed in. Try again in a moment.
      </p>
      <div className="mt-6 flex gap-2">
        <button
          type="button"
          className={buttonStyle('primary')}
          aria-disabled={isTrying}
          onClick={() => {
            if (!isTrying) startTrying(() => props.retry())
          }}
        >
          Try again
        </button>
        <Link href={props.elsewhere} prefetch={false} className={buttonStyle('secondary')}>
          {props.elsewhere === '/' ? 'Go to the front page' : 'Go to the dashboard'}
        </Link>
      </div>
      {props.reference && (
        <p className="mt-8 text-[0.8125rem] text-faint">
          Reference for support: <code className="font-mono">{props.reference}</code>
        </p>
      )}
    </div>
  )
}
