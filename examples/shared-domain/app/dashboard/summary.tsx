'use client'
import { useSession } from '@sallyport/next/client'
import { useCallback, useEffect, useState } from 'react'

const summaryUrl = `${process.env.NEXT_PUBLIC_API_URL}/summary` as `https://${string}`

/** The browser itself calls the API, with its cookies. No script has a token. */
export function Summary() {
  const { fetch } = useSession()
  const [text, setText] = useState('…')
  const ask = useCallback(async () => {
    setText('…')
    try {
      const answer = await fetch(summaryUrl)
      setText(answer.ok ? `${(await answer.json()).activeCustomers} customers` : `Refused: ${answer.status}`)
    } catch {
      setText('The API cannot be reached.')
    }
  }, [fetch])
  useEffect(() => {
    void ask()
  }, [ask])
  return (
    <p>
      <output>{text}</output>{' '}
      <button type="button" onClick={() => void ask()}>
        Refresh
      </button>
    </p>
  )
}
