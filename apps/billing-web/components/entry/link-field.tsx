'use client'

import { useEffect, useRef } from 'react'
import { secretIn, takeSecretScript } from '../../account/mailed-secret.ts'
import { Field } from '../form/field.tsx'
import type { FormState } from '../form/form-state.ts'

/**
 * A field for the secret of a mailed link. The secret is in the fragment of the URL, which only a script can read. If a script has read it,
 * this field is hidden. If scripts do not run or the link is incomplete, the user can paste the link into this field.
 */
export function LinkField({ state }: { state: FormState }) {
  const room = useRef<HTMLDivElement>(null)
  const { token = '' } = state.values
  const isRead = token !== '' && state.fields.token === undefined

  // The script below runs only when the page is loaded, not after a client-side navigation.
  useEffect(() => {
    const secret = secretIn(location.hash)
    const field = room.current?.querySelector('input')
    if (secret === '' || !field || !room.current) return
    history.replaceState(history.state, '', location.pathname + location.search)
    field.value = secret
    room.current.dataset.link = 'read'
  }, [])

  return (
    <>
      {/* The script below writes here before hydration. */}
      <div
        ref={room}
        data-link={isRead ? 'read' : 'awaited'}
        suppressHydrationWarning
        className="data-[link=read]:hidden"
      >
        <Field
          label="Link from the mail"
          hint="Copy the whole link from the mail and paste it here."
          error={state.fields.token}
        >
          {(control) => (
            <input
              {...control}
              name="token"
              type="text"
              defaultValue={token}
              suppressHydrationWarning
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              required
              className="field"
            />
          )}
        </Field>
      </div>
      <script
        // biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of ours; it must run before the page's other scripts
        dangerouslySetInnerHTML={{ __html: takeSecretScript }}
      />
    </>
  )
}
