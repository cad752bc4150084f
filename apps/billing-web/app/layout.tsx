import './globals.css'
import type { Metadata, Viewport } from 'next'
import localFont from 'next/font/local'
import type { ReactNode } from 'react'
import { ThemeScript } from '../components/theme/theme-script.tsx'

// This font is preloaded. Until it is loaded, a system font with the same metrics is used, so that nothing moves.
const geist = localFont({
  src: './fonts/geist-latin.woff2',
  display: 'swap',
  weight: '100 900',
  variable: '--font-geist',
  adjustFontFallback: 'Arial',
})
// This font is for names such as Łukasz or Dvořák. It is loaded only if a page has such a letter.
const geistExtended = localFont({
  src: './fonts/geist-latin-ext.woff2',
  display: 'swap',
  weight: '100 900',
  variable: '--font-geist-ext',
  preload: false,
  adjustFontFallback: false,
  declarations: [
    { prop: 'unicode-range', value: 'U+0100-02AF, U+1E00-1E9F, U+1EF2-1EFF, U+20A0-20AB, U+20AD-20C0' },
  ],
})

export const metadata: Metadata = {
  title: { default: 'Ledgerline', template: '%s · Ledgerline' },
  description: 'Billing you can read at a glance: invoices, customers and revenue in one place.',
}

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fafafb' },
    { media: '(prefers-color-scheme: dark)', color: '#0d0f13' },
  ],
}

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" className={`${geist.variable} ${geistExtended.variable}`} suppressHydrationWarning>
      <head>
        <ThemeScript />
      </head>
      <body className="min-h-dvh font-sans">{children}</body>
    </html>
  )
}
