import { Inbox } from 'lucide-react'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { account } from '../../auth.ts'
import { type Query, queryValue } from '../../billing/query.ts'
import { BrandLink } from '../../components/brand/brand-link.tsx'
import { InboxMails } from '../../components/inbox/inbox-mails.tsx'
import { PageHeader } from '../../components/shell/page-header.tsx'
import { buttonStyle } from '../../components/surface/button-style.ts'
import { EmptyState } from '../../components/surface/empty-state.tsx'

export const metadata: Metadata = { title: 'Development inbox', robots: 'noindex' }

/** Shows the mails that the auth server would send in production. This page exists only in development. */
export default async function InboxPage({ searchParams }: { searchParams: Promise<Query> }) {
  const mails = await account.developmentInbox()
  if (mails === null) notFound()
  const wanted = queryValue(await searchParams, 'mail')
  return (
    <div className="mx-auto max-w-[76rem] px-4 py-6 sm:px-6 lg:px-10">
      <header className="mb-8">
        <BrandLink href="/" />
      </header>
      <main id="content">
        <PageHeader
          title="Development inbox"
          note="This demo sends no mail. It shows all mails here."
          actions={
            // This link is not a client-side navigation. A full page load works before scripts have loaded, and always reads the mails
            // again.
            <a href="/inbox" className={buttonStyle('secondary')}>
              Refresh
            </a>
          }
        />
        {mails.length === 0 ? (
          <div className="card">
            <EmptyState Icon={Inbox} title="No mail yet">
              Sign up or request a new password, and the mail appears here.
            </EmptyState>
          </div>
        ) : (
          <InboxMails
            mails={mails}
            shown={mails.find(({ id }) => id === wanted) ?? null}
            nowMs={Date.now()}
          />
        )}
      </main>
    </div>
  )
}
