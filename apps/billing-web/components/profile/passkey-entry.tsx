'use client'

import { removePasskey } from '@sallyport/next/passkeys'
import type { Passkey } from '@sallyport/next/server'
import { Fingerprint } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { startTransition, useActionState, useEffect, useState } from 'react'
import { removePasskeyHere, renamePasskey } from '../../app/(app)/profile/security/way-actions.ts'
import { addressOf } from '../../billing/query.ts'
import { Confirm } from '../form/confirm.tsx'
import { untouched } from '../form/form-state.ts'
import { SubmitButton } from '../form/submit-button.tsx'
import { useHydrated } from '../form/use-hydrated.ts'
import { passkeyMessage } from '../passkey/passkey-message.ts'
import { RenameWay } from './rename-way.tsx'
import { buttonPlaces, WayEntry } from './way-entry.tsx'

const path = '/profile/security'

/** A passkey, with buttons to rename and to remove it. */
export function PasskeyEntry({ passkey, nowMs }: { passkey: Passkey; nowMs: number }) {
  return (
    <WayEntry
      mark={<Fingerprint />}
      name={passkey.name}
      addedAtMs={passkey.createdAt}
      usedAtMs={passkey.lastUsedAt}
      nowMs={nowMs}
    >
      <RenameWay
        id={passkey.id}
        name={passkey.name}
        action={renamePasskey}
        buttonClassName={buttonPlaces.left}
      />
      <Remove passkey={passkey} />
    </WayEntry>
  )
}

function Remove({ passkey }: { passkey: Passkey }) {
  const { id, name } = passkey
  const [state, action] = useActionState(removePasskeyHere, untouched)
  const [problem, setProblem] = useState<string | null>(null)
  const hasScripts = useHydrated()
  const router = useRouter()
  const { answers, isDone } = state

  // The action has allowed the removal. The browser is told only if the page itself removes the passkey.
  useEffect(() => {
    if (answers === 0 || !isDone) return
    const controller = new AbortController()
    removePasskey(id, { signal: controller.signal }).then((result) => {
      if (controller.signal.aborted) return
      const refusal = result.ok || result.reason !== 'refused' ? null : result.problem
      startTransition(() => {
        if (result.ok) router.push(addressOf(path, { notice: 'passkey-removed' }))
        else if (refusal?.code === 'not_found') router.push(addressOf(path, { notice: 'passkey-gone' }))
        else if (refusal?.code === 'insufficient_user_authentication')
          router.push(addressOf('/confirm', { returnTo: path }))
        else setProblem(passkeyMessage(result))
      })
    })
    return () => controller.abort()
  }, [answers, isDone, id, router])

  return (
    <Confirm
      label="Remove"
      about={name}
      buttonClassName={buttonPlaces.right}
      problem={problem ?? state.message}
      isOpen={answers > 0}
      question="You cannot sign in with this passkey any more."
    >
      <form action={action} noValidate>
        <input type="hidden" name="id" value={id} />
        {hasScripts && <input type="hidden" name="hasScripts" value="1" />}
        <SubmitButton kind="danger">
          Remove passkey<span className="sr-only">: {name}</span>
        </SubmitButton>
      </form>
    </Confirm>
  )
}
