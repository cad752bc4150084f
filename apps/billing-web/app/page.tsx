import { SessionProvider } from '@sallyport/next/client'
import { BrandLink } from '../components/brand/brand-link.tsx'
import { Features } from '../components/landing/features.tsx'
import { HeaderLinks } from '../components/landing/header-links.tsx'
import { Hero } from '../components/landing/hero.tsx'
import { SkipLink } from '../components/shell/skip-link.tsx'

/** The landing page. It is static, so it is the same for all users. The browser requests the session itself. */
export default function LandingPage() {
  return (
    <>
      <SkipLink />
      <header className="mx-auto flex h-18 max-w-6xl items-center justify-between gap-4 px-5 sm:px-8">
        <BrandLink href="/" />
        <SessionProvider>
          <HeaderLinks />
        </SessionProvider>
      </header>
      <main id="content" tabIndex={-1}>
        <Hero />
        <Features />
      </main>
      <footer className="border-line border-t">
        <div className="mx-auto flex max-w-6xl flex-wrap justify-between gap-x-8 gap-y-2 px-5 py-8 text-[0.8125rem] text-soft sm:px-8">
          <p>Ledgerline is not a real product. It is the example app of Sallyport.</p>
          <p>Its companies and people are fictional.</p>
        </div>
      </footer>
    </>
  )
}
