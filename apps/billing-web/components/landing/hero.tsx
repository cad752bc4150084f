import { ArrowRight } from 'lucide-react'
import Link from 'next/link'
import { buttonStyle } from '../surface/button-style.ts'
import { LedgerDrawing } from './ledger-drawing.tsx'

export function Hero() {
  return (
    <section aria-labelledby="promise" className="overflow-hidden">
      <div className="mx-auto max-w-6xl px-5 pt-14 sm:px-8 sm:pt-20">
        <h1
          id="promise"
          className="font-semibold text-[2.5rem] leading-[1.08] tracking-[-0.035em] sm:text-6xl"
        >
          Billing you can read at a glance
        </h1>
        <p className="mt-5 max-w-xl text-pretty text-lg text-soft leading-relaxed">
          Every invoice, customer and payment in one place. See which payments have arrived and which are
          late.
        </p>
        <div className="mt-8 flex flex-wrap gap-3">
          <Link href="/signup" prefetch={false} className={buttonStyle('primary', 'large')}>
            Create an account
            <ArrowRight aria-hidden className="size-4" />
          </Link>
          <Link href="/login" prefetch={false} className={buttonStyle('secondary', 'large')}>
            Sign in to the demo
          </Link>
        </div>
        <div className="mt-14 w-[58rem] max-w-none sm:mt-16 sm:w-full">
          <LedgerDrawing />
        </div>
      </div>
    </section>
  )
}
