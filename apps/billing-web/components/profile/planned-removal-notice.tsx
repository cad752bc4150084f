import type { Factor, Passkey, PlannedRemoval } from '@sallyport/next/server'
import { TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import { addressOf } from '../../billing/query.ts'
import { buttonStyle } from '../surface/button-style.ts'
import { Moment } from '../surface/day.tsx'

const either = new Intl.ListFormat('en-US', { type: 'disjunction' })
const returnTo = addressOf('/profile/security', { notice: 'kept' })

/** Says which second factors an operator will remove, and when. The link leads to the page on which a proof of two factors cancels this. */
export function PlannedRemovalNotice(props: {
  removal: PlannedRemoval
  apps: readonly Factor[]
  passkeys: readonly Passkey[]
}) {
  const { removal, apps, passkeys } = props
  const { name, isOne } = removedFactors(props)
  const proofs = [
    ...(apps.length > 0 ? ['a code of your app', 'a recovery code'] : []),
    ...(passkeys.length > 0 ? ['a passkey'] : []),
  ]
  return (
    <section
      aria-labelledby="planned-removal"
      className="flex flex-wrap items-center justify-between gap-4 rounded-xl border border-line bg-surface px-5 py-4"
    >
      <div className="flex min-w-0 max-w-prose items-start gap-2.5">
        <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
        <div className="min-w-0 space-y-1 text-pretty">
          <h2 id="planned-removal" className="break-words font-medium">
            {name} will be removed on <Moment timeMs={removal.removeAt} />
          </h2>
          <p className="text-soft">
            Somebody, probably you, told us that you have lost {isOne ? 'it' : 'them'}. To cancel the removal,
            confirm that it is you{proofs.length > 0 && ` with ${either.format(proofs)}`}.
          </p>
        </div>
      </div>
      <Link href={addressOf('/confirm', { returnTo })} className={buttonStyle('secondary')}>
        Cancel the removal
      </Link>
    </section>
  )
}

/** Returns what will be removed, as the beginning of a sentence, and whether it is only one factor. */
function removedFactors(props: {
  removal: PlannedRemoval
  apps: readonly Factor[]
  passkeys: readonly Passkey[]
}): { name: string; isOne: boolean } {
  const { removal, apps, passkeys } = props
  const isRemoved = ({ id }: { id: string }) => removal.id === null || removal.id === id
  const app = apps.filter(isRemoved)
  const passkey = passkeys.filter(isRemoved)
  const [only] = [...app, ...passkey]
  if (app.length + passkey.length === 1 && only !== undefined)
    return { name: `Your ${app.length === 1 ? 'authenticator app' : 'passkey'} “${only.name}”`, isOne: true }
  if (passkey.length === 0) return { name: 'All your authenticator apps', isOne: false }
  const name = app.length === 0 ? 'All your passkeys' : 'All your authenticator apps and passkeys'
  return { name, isOne: false }
}
