'use client'

import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { buttonStyle } from './button-style.ts'

/** Copies a text, and says so for some seconds. Without scripts it is hidden. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [outcome, setOutcome] = useState<'none' | 'copied' | 'failed'>('none')
  useEffect(() => {
    if (outcome === 'none') return
    const timer = setTimeout(() => setOutcome('none'), 3000)
    return () => clearTimeout(timer)
  }, [outcome])
  const Icon = outcome === 'copied' ? Check : Copy
  const label = { none: 'Copy', copied: 'Copied', failed: 'Not copied' }[outcome]
  return (
    <button
      type="button"
      onClick={() =>
        navigator.clipboard.writeText(text).then(
          () => setOutcome('copied'),
          () => setOutcome('failed'),
        )
      }
      className={`${buttonStyle('secondary', 'small')} shrink-0 noscript:hidden`}
    >
      <Icon aria-hidden className="size-3.5" />
      <span aria-live="polite">{label}</span>
      <span className="sr-only">{what}</span>
    </button>
  )
}
