import type { Metadata } from 'next'
import Link from 'next/link'
import { auth } from '../../../../auth.ts'
import { SessionLists } from '../../../../components/sessions/session-lists.tsx'
import { PageHeader } from '../../../../components/shell/page-header.tsx'
import { linkStyle } from '../../../../components/surface/link-style.ts'

export const metadata: Metadata = { title: 'Sessions' }

const path = '/profile/sessions'

export default async function SessionsPage() {
  await auth.require({ returnTo: path })
  return (
    <>
      <PageHeader
        title="Sessions"
        note={
          <>
            The devices on which you are signed in. If you do not recognize one, sign it out, and then{' '}
            <Link href="/profile/password" className={linkStyle}>
              set a new password
            </Link>
            .
          </>
        }
      />
      {/* The list is not streamed, so that open details and the focus stay when it is rendered again. */}
      <SessionLists path={path} />
    </>
  )
}
