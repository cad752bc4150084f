import type { Metadata } from 'next'
import { auth, safeReturnTo } from '../../../auth.ts'
import { addressOf, type Query, queryValue } from '../../../billing/query.ts'
import { ConfirmForm } from '../../../components/entry/confirm-form.tsx'

export const metadata: Metadata = { title: 'Confirm that it is you' }

/** The page on which a signed-in user confirms the password, before a page that requires a recent authentication. */
export default async function ConfirmPage({ searchParams }: { searchParams: Promise<Query> }) {
  const wanted = queryValue(await searchParams, 'returnTo')
  await auth.require({ returnTo: addressOf('/confirm', { returnTo: wanted || null }) })
  const user = await auth.user()
  return <ConfirmForm returnTo={safeReturnTo(wanted)} email={user?.email ?? ''} />
}
