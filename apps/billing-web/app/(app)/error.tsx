'use client'

import { Unavailable } from '../../components/failure/unavailable.tsx'

export default function AppError({
  error,
  retry,
}: {
  error: Error & { digest?: string }
  retry: () => void
}) {
  return <Unavailable retry={retry} reference={error.digest} elsewhere="/dashboard" />
}
