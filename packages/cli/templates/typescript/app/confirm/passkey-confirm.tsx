'use client'

import { confirmWithPasskey } from '@sallyport/next/passkeys'
import { PasskeyButton } from '../login/passkey-button'

/** A button with which signed-in users confirm who they are. `returnTo` is the page that opens then. */
export function PasskeyConfirm({ returnTo }: { returnTo: string }) {
  return (
    <PasskeyButton use={() => confirmWithPasskey()} onDone={() => window.location.assign(returnTo)}>
      Use your passkey
    </PasskeyButton>
  )
}
