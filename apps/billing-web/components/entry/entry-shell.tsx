import type { ReactNode } from 'react'
import { BrandLink } from '../brand/brand-link.tsx'
import { LedgerDrawing } from '../landing/ledger-drawing.tsx'

/** The layout of sign-in and sign-up. It has the form, and on a wide screen also a preview of the product. */
export function EntryShell({ children }: { children: ReactNode }) {
  return (
    <div className="grid min-h-dvh lg:grid-cols-2">
      <div className="flex flex-col px-6 py-6 sm:px-10">
        <header>
          <BrandLink href="/" />
        </header>
        {/* The fields are as high as the buttons. On a phone, their text is so large that browsers do not zoom in. */}
        <main
          id="content"
          className="mx-auto w-full max-w-[25rem] flex-1 pt-[max(2.5rem,13vh)] pb-12 [&_.field:not(.h-12)]:h-11 max-sm:[&_.field:not(.h-12)]:text-base"
        >
          {children}
        </main>
      </div>
      <div aria-hidden className="relative hidden overflow-hidden border-line border-l bg-sunken lg:block">
        <div className="absolute bottom-0 left-14 w-[62rem]">
          <LedgerDrawing />
        </div>
      </div>
    </div>
  )
}
