import type { NextConfig } from 'next'

const config: NextConfig = {
  // This line is needed only in this repository, whose packages are TypeScript.
  transpilePackages: ['@sallyport/next', '@sallyport/verify', '@sallyport/protocol'],
  cacheComponents: true,
  experimental: { authInterrupts: true },
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        // With this policy, the browser may send requests only to these pages and to the API.
        {
          key: 'Content-Security-Policy',
          value: `default-src 'self'; script-src 'self' 'unsafe-inline'; connect-src 'self' ${process.env.NEXT_PUBLIC_API_URL}; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
        },
      ],
    },
  ],
}

export default config
