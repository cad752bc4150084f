'use client'

import type { TotpStarted } from '@sallyport/next/server'
import { Smartphone } from 'lucide-react'
import { buttonStyle } from '../surface/button-style.ts'
import { CopyButton } from '../surface/copy-button.tsx'

/** What the user adds to the authenticator app: the QR code, a link for apps on this device, and the key to type in. */
export function AuthenticatorKey({ setup }: { setup: TotpStarted }) {
  const { secret, uri, qrCode } = setup
  const inGroups = secret.replaceAll(/(.{4})(?=.)/g, '$1 ')
  return (
    <div className="space-y-4">
      {/* The code is black on white in both themes, because some cameras cannot read the inverse. An image runs no scripts. */}
      {/* biome-ignore lint/performance/noImgElement: a data URL needs no optimization */}
      <img
        src={`data:image/svg+xml,${encodeURIComponent(qrCode)}`}
        alt="QR code for your authenticator app"
        width={192}
        height={192}
        className="mx-auto rounded-xl border border-line bg-white"
      />
      {uri.startsWith('otpauth:') && (
        <a href={uri} className={`${buttonStyle('secondary')} w-full lg:hidden`}>
          <Smartphone aria-hidden className="size-4" />
          Open in an app on this device
        </a>
      )}
      <div>
        <p className="text-[0.8125rem] text-soft">Cannot scan it? Enter this key in the app:</p>
        <div className="mt-1.5 flex items-center justify-between gap-3 rounded-lg bg-sunken py-1.5 pr-1.5 pl-3">
          <code className="block select-all text-balance font-mono text-[0.8125rem]">{inGroups}</code>
          <CopyButton text={secret} what="the key" />
        </div>
      </div>
    </div>
  )
}
