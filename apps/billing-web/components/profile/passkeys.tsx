'use client'

import { addPasskey } from '@sallyport/next/passkeys'
import type { Passkey } from '@sallyport/next/server'
import { Fingerprint } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { addressOf } from '../../billing/query.ts'
import { PasskeyButton } from '../passkey/passkey-button.tsx'
import { EmptyState } from '../surface/empty-state.tsx'
import { Section } from '../surface/section.tsx'
import { PasskeyEntry } from './passkey-entry.tsx'

const path = '/profile/security'

/** The user's passkeys, with a button to add one. */
export function Passkeys({ passkeys, nowMs }: { passkeys: readonly Passkey[]; nowMs: number }) {
  const router = useRouter()
  const hasSome = passkeys.length > 0
  const add = (
    <PasskeyButton
      size={hasSome ? 'small' : 'regular'}
      use={(signal) => addPasskey({ signal })}
      // This is a new page each time, so that the notice gets the focus.
      onDone={() => location.assign(addressOf(path, { notice: 'passkey-added' }))}
      onFailed={(failure) => {
        if (failure.reason !== 'refused' || failure.problem.code !== 'insufficient_user_authentication')
          return false
        router.push(addressOf('/confirm', { returnTo: path }))
        return true
      }}
    >
      {hasSome ? 'Add another passkey' : 'Add a passkey'}
    </PasskeyButton>
  )
  return (
    <Section
      title="Passkeys"
      note="You sign in with your fingerprint, face, screen lock or security key, and type nothing."
    >
      {hasSome ? (
        <>
          <ul>
            {passkeys.map((passkey) => (
              <PasskeyEntry key={`${passkey.id} ${passkey.name}`} passkey={passkey} nowMs={nowMs} />
            ))}
          </ul>
          <div className="flex flex-wrap items-center justify-between gap-3 border-line border-t px-5 py-4">
            <p className="text-[0.8125rem] text-soft">A second passkey helps if you lose a device.</p>
            {add}
          </div>
        </>
      ) : (
        <div className="border-line border-t">
          <EmptyState isCompact Icon={Fingerprint} title="No passkeys yet" action={add}>
            A passkey cannot be guessed, and a copied page cannot obtain it.
            <span className="scripted:hidden"> To add one, turn on JavaScript.</span>
          </EmptyState>
        </div>
      )}
    </Section>
  )
}
