'use client'

import { arePasskeysSupported, type PasskeyResult } from '@sallyport/next/passkeys'
import { Fingerprint, LoaderCircle } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useHydrated } from '../form/use-hydrated.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { Alert } from '../surface/notice.tsx'
import { passkeyMessage } from './passkey-message.ts'

/**
 * Asks for a passkey. While the browser waits for the user, the button has the same size, and says so. Without scripts, and in browsers
 * without passkeys, it is not shown.
 */
export function PasskeyButton(props: {
  kind?: 'primary' | 'secondary'
  size?: 'regular' | 'large' | 'small'
  className?: string
  /** Asks for the passkey. The call ends when `signal` is aborted. */
  use: (signal: AbortSignal) => Promise<PasskeyResult>
  /** Called after success. */
  onDone: () => void
  /** Called if it did not work. Returns whether the caller shows this itself. */
  onFailed?: (failure: Extract<PasskeyResult, { ok: false }>) => boolean
  children: ReactNode
}) {
  const { kind = 'secondary', size = 'large', className = '', use, onDone, onFailed, children } = props
  const [step, setStep] = useState<'idle' | 'waiting' | 'done'>('idle')
  const [message, setMessage] = useState<string | null>(null)
  const controller = useRef<AbortController | null>(null)
  const isHydrated = useHydrated()
  useEffect(() => () => controller.current?.abort(), [])
  const iconSize = size === 'small' ? 'size-4' : 'size-4.5'
  const isBusy = step !== 'idle'

  async function ask() {
    if (isBusy) return
    controller.current = new AbortController()
    const { signal } = controller.current
    setMessage(null)
    setStep('waiting')
    const result = await use(signal)
    if (signal.aborted) return
    if (result.ok) {
      setStep('done')
      onDone()
      return
    }
    setStep('idle')
    if (!onFailed?.(result)) setMessage(passkeyMessage(result))
  }

  // Before hydration the button has its place already, so that nothing moves.
  if (isHydrated && !arePasskeysSupported()) return null
  return (
    <div className="relative noscript:hidden">
      {message && (
        <div className="mb-3">
          <Alert>{message}</Alert>
        </div>
      )}
      <button
        type="button"
        aria-busy={isBusy}
        aria-disabled={isBusy}
        onClick={ask}
        className={`${buttonStyle(kind, size)} ${className}`}
      >
        {isBusy ? (
          <LoaderCircle aria-hidden className={`${iconSize} animate-spin`} />
        ) : (
          <Fingerprint aria-hidden className={iconSize} />
        )}
        {children}
      </button>
      <span role="status" className="sr-only">
        {step === 'waiting' && 'Waiting for your passkey'}
      </span>
    </div>
  )
}
