'use client'

import { Download, Printer } from 'lucide-react'
import { buttonStyle } from '../surface/button-style.ts'
import { CopyButton } from '../surface/copy-button.tsx'

const button = `${buttonStyle('secondary', 'small')} noscript:hidden`

/** New recovery codes, with buttons to copy, download and print them. Without scripts, the codes are only text that can be selected. */
export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  const text = `Recovery codes for Ledgerline\n\n${codes.join('\n')}\n\nEach code works once.\n`
  return (
    <div className="overflow-hidden rounded-lg border border-line">
      <ol
        aria-label="Recovery codes"
        className="list-decimal select-all space-y-1 bg-sunken py-3.5 pr-4 pl-11 font-mono marker:text-faint text-[0.8125rem]"
      >
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div className="flex flex-wrap gap-2 border-line border-t p-2.5 noscript:hidden print:hidden">
        <CopyButton text={codes.join('\n')} what="the recovery codes" />
        <button type="button" className={button} onClick={() => download(text)}>
          <Download aria-hidden className="size-3.5" />
          Download
        </button>
        <button type="button" className={button} onClick={() => window.print()}>
          <Printer aria-hidden className="size-3.5" />
          Print
        </button>
      </div>
    </div>
  )
}

function download(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'ledgerline-recovery-codes.txt'
  link.click()
  URL.revokeObjectURL(url)
}
