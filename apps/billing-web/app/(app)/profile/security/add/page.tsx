import type { Metadata } from 'next'
import Link from 'next/link'
import { auth } from '../../../../../auth.ts'
import { asksBefore, ownProofs } from '../../../../../components/form/confirm-identity.ts'
import { AddApp } from '../../../../../components/profile/add-app.tsx'
import { PageHeader } from '../../../../../components/shell/page-header.tsx'
import { linkStyle } from '../../../../../components/surface/link-style.ts'

export const metadata: Metadata = { title: 'Add an authenticator app' }

export default async function AddAppPage() {
  await auth.require({ returnTo: '/profile/security/add' })
  const { hasPassword, hasApp } = await ownProofs()
  return (
    <>
      <PageHeader
        title="Add an authenticator app"
        note={`The app shows a new code every 30 seconds. ${
          hasPassword
            ? 'You enter it after your password.'
            : 'You enter it when you sign in without a passkey.'
        }`}
        above={
          <Link href="/profile/security" className={linkStyle}>
            Ways to sign in
          </Link>
        }
      />
      <AddApp isFirst={!hasApp} asks={await asksBefore('strongest')} />
    </>
  )
}
