import type { Metadata } from 'next'
import { BrandLink } from '../components/brand/brand-link.tsx'
import { NotFound } from '../components/failure/not-found.tsx'

export const metadata: Metadata = { title: 'Page not found' }

export default function RootNotFound() {
  return (
    <>
      <header className="px-6 py-6">
        <BrandLink href="/" />
      </header>
      <main id="content" className="px-6">
        <NotFound
          ways={[
            { href: '/dashboard', label: 'Go to the dashboard' },
            { href: '/', label: 'Go to the front page' },
          ]}
        />
      </main>
    </>
  )
}
