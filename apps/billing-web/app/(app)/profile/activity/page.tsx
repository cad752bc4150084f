import type { Metadata } from 'next'
import Link from 'next/link'
import { auth } from '../../../../auth.ts'
import { ActivityList } from '../../../../components/profile/activity-list.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'
import { linkStyle } from '../../../../components/surface/link-style.ts'

export const metadata: Metadata = { title: 'Recent activity' }

const path = '/profile/activity'

export default async function ActivityPage() {
  await auth.require({ returnTo: path })
  return (
    <>
      <PageHeader
        title="Recent activity"
        note={
          <>
            The latest events of your account. If you do not recognize one,{' '}
            <Link href="/profile/password" className={linkStyle}>
              set a new password
            </Link>
            .
          </>
        }
      />
      <ActivityList path={path} />
    </>
  )
}
