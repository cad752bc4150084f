import type { Metadata } from 'next'
import Link from 'next/link'
import { auth } from '../../../../auth.ts'
import { SessionLists } from '../../../../components/sessions/session-lists.tsx'
import { Breadcrumb } from '../../../../components/shell/breadcrumb.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'

export const metadata: Metadata = { title: 'Sessions' }

const path = '/profile/sessions'

export default async function SessionsPage() {
  await auth.require({ returnTo: path })
  return (
    <div className="max-w-2xl">
      <PageHeader
        above={<Breadcrumb href="/profile">Profile</Breadcrumb>}
        title="Sessions"
        note={
          <>
            Where you are signed in. If you do not recognize one, sign it out, then{' '}
            <Link
              href="/profile#password"
              className="font-medium text-accent-text underline-offset-4 hover:underline"
            >
              change your password
            </Link>
            .
          </>
        }
      />
      {/* Not streamed: what is open and where the focus is live in the list, and must outlast each of its renderings. */}
      <SessionLists path={path} />
    </div>
  )
}
