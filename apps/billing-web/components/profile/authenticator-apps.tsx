import type { Factor } from '@sallyport/next/server'
import { ShieldCheck, ShieldOff } from 'lucide-react'
import Link from 'next/link'
import type { Asks } from '../form/form-state.ts'
import { Badge } from '../surface/badge.tsx'
import { buttonStyle } from '../surface/button-style.ts'
import { EmptyState } from '../surface/empty-state.tsx'
import { Section } from '../surface/section.tsx'
import { AuthenticatorApp } from './authenticator-app.tsx'

/** Shows whether two-step verification is on, and the user's authenticator apps. */
export function AuthenticatorApps(props: {
  apps: readonly Factor[]
  hasPassword: boolean
  isRequired: boolean
  asks: Asks
  nowMs: number
}) {
  const { apps, hasPassword, isRequired, asks, nowMs } = props
  const isOn = apps.length > 0
  return (
    <Section
      title="Two-step verification"
      note={
        isRequired
          ? 'Your workspace requires it.'
          : `${hasPassword ? 'After your password' : 'If you sign in without a passkey'}, you enter a code from an app.`
      }
      action={<Badge dot={isOn ? 'bg-good' : 'bg-faint'}>{isOn ? 'On' : 'Off'}</Badge>}
    >
      {isOn ? (
        <>
          <ul>
            {apps.map((app) => (
              <AuthenticatorApp
                key={`${app.id} ${app.name}`}
                app={app}
                isOnly={apps.length === 1}
                hasPassword={hasPassword}
                isRequired={isRequired}
                asks={asks}
                nowMs={nowMs}
              />
            ))}
          </ul>
          <div className="flex flex-wrap items-center justify-between gap-3 border-line border-t px-5 py-4">
            <p className="text-[0.8125rem] text-soft">A second app helps if you lose your phone.</p>
            <Link href="/profile/security/add" className={buttonStyle('secondary', 'small')}>
              Add another app
            </Link>
          </div>
        </>
      ) : (
        <div className="border-line border-t">
          <EmptyState
            isCompact
            Icon={isRequired ? ShieldCheck : ShieldOff}
            title={hasPassword ? 'Only your password protects this account' : 'No authenticator app yet'}
            action={
              <Link href="/profile/security/add" className={buttonStyle('secondary')}>
                Set up an app
              </Link>
            }
          >
            {hasPassword
              ? 'Add an authenticator app, so that somebody who knows your password still cannot sign in.'
              : 'Add an authenticator app, so that somebody who can read your mail or use a linked account still cannot sign in.'}
          </EmptyState>
        </div>
      )}
    </Section>
  )
}
