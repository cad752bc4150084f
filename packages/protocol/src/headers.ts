/**
 * Headers in which our Next front end reports the browser's IP address, user agent and device. The auth server
 * reads them only together with a valid `frontendCredential`, and ignores them otherwise.
 */
export const headers = {
  frontendCredential: 'sallyport-frontend',
  clientAddress: 'sallyport-client-address',
  clientUserAgent: 'sallyport-client-user-agent',
  /** In requests and responses: the opaque value of the device cookie, by which the auth server recognizes a browser. */
  device: 'sallyport-device',
  requestId: 'x-request-id',
} as const
