import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { auth, mailedSignIn, safeReturnTo } from '../../../../auth.ts'
import { type Query, queryValue } from '../../../../billing/query.ts'
import { SignInCode } from '../../../../components/entry/sign-in-code.tsx'
import { hasInbox } from '../../../../components/inbox/has-inbox.ts'

export const metadata: Metadata = { title: 'Sign in by mail' }

export default async function CodePage({ searchParams }: { searchParams: Promise<Query> }) {
  const returnTo = safeReturnTo(queryValue(await searchParams, 'returnTo'))
  if (await auth()) redirect(returnTo)
  // After a reload, the browser can still enter the code.
  const isRequested = await mailedSignIn.isRequested()
  return (
    <SignInCode returnTo={returnTo} isRequested={isRequested} hasInbox={isRequested && (await hasInbox())} />
  )
}
