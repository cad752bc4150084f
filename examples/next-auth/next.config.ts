import type { NextConfig } from 'next'

const config: NextConfig = { transpilePackages: ['@sallyport/verify', '@sallyport/protocol'] }

export default config
