/**
 * Headers by which our own Next front end passes on what the browser's connection was. They are
 * believed only beside a right `frontendCredential`; from anybody else they are ignored.
 */
export const headers = {
  frontendCredential: 'sallyport-frontend',
  clientAddress: 'sallyport-client-address',
  clientUserAgent: 'sallyport-client-user-agent',
  /** Both ways: the opaque value by which the auth server knows a browser again. */
  device: 'sallyport-device',
  requestId: 'x-request-id',
} as const
