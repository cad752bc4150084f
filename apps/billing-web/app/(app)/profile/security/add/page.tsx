import type { Metadata } from 'next'
import Link from 'next/link'
import { auth, secondFactors } from '../../../../../auth.ts'
import { isConfirmed } from '../../../../../components/form/confirm-identity.ts'
import { AddApp } from '../../../../../components/profile/add-app.tsx'
import { PageHeader } from '../../../../../components/shell/page-header.tsx'
import { linkStyle } from '../../../../../components/surface/link-style.ts'

export const metadata: Metadata = { title: 'Add an authenticator app' }

export default async function AddAppPage() {
  await auth.require({ returnTo: '/profile/security/add' })
  const listed = await secondFactors.list()
  const hasApp = listed.ok && listed.factors.length > 0
  return (
    <>
      <PageHeader
        title="Add an authenticator app"
        note="The app shows a new code every 30 seconds. You enter it after your password."
        above={
          <Link href="/profile/security" className={linkStyle}>
            Ways to sign in
          </Link>
        }
      />
      <AddApp
        isFirst={!hasApp}
        asks={{ asksPassword: !(await isConfirmed('strongest')), asksCode: hasApp }}
      />
    </>
  )
}
