import { readBoundedBody } from '@sallyport/protocol/bounded-body'
import type { CustomFetch } from 'openid-client'
import { isSecure } from './provider.ts'
import { ProviderError } from './provider-error.ts'

/** Seconds that one request to a provider may take. */
export const providerTimeoutSeconds = 8
/** The maximum size of an answer of a provider in bytes. */
const maxBytes = 512 * 1024

/**
 * Sends a request to a provider. Follows no redirects, because they could lead to another host with the secrets of the request. An answer
 * that is too large is an error.
 *
 * @throws ProviderError `failed`.
 */
export const boundedFetch: CustomFetch = async (url, options) => {
  if (!isSecure(new URL(url))) throw new ProviderError('failed', 'an endpoint of the provider is not https')
  const timeout = AbortSignal.timeout(providerTimeoutSeconds * 1000)
  try {
    const answer = await fetch(url, {
      ...(options as RequestInit),
      redirect: 'manual',
      // The body counts too: a provider could send its answer very slowly.
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    })
    const bytes = await readBoundedBody(answer.body, maxBytes)
    if (bytes === null) throw new ProviderError('failed', 'an answer of the provider is too large')
    const hasBody = bytes.byteLength > 0
    return new Response(hasBody ? Buffer.from(bytes) : null, {
      status: answer.status,
      headers: answer.headers,
    })
  } catch (error) {
    if (error instanceof ProviderError) throw error
    throw new ProviderError('failed', timeout.aborted ? 'the provider is silent' : 'no connection', error)
  }
}
