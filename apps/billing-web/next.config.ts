import type { NextConfig } from 'next'

const isDevelopment = process.env.NODE_ENV === 'development'

// Next writes its flight data as inline scripts. With a nonce for them, every page would be dynamic, also the landing page. So inline
// scripts are allowed. Scripts of other origins, eval, plug-ins and `<base>` are forbidden.
const contentSecurityPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${isDevelopment ? " 'unsafe-eval'" : ''}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  `connect-src 'self'${isDevelopment ? ' ws:' : ''}`,
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const config: NextConfig = {
  transpilePackages: ['@sallyport/next', '@sallyport/verify', '@sallyport/protocol'],
  experimental: { authInterrupts: true },
  poweredByHeader: false,
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'Content-Security-Policy', value: contentSecurityPolicy },
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'Referrer-Policy', value: 'same-origin' },
        { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
        // Browsers ignore this header over http (RFC 6797 section 8.1), so it has no effect on http://localhost.
        { key: 'Strict-Transport-Security', value: 'max-age=31536000' },
        {
          key: 'Permissions-Policy',
          value: 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()',
        },
      ],
    },
  ],
}

export default config
