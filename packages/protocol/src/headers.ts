/**
 * Our Next front end uses these headers to report the browser's IP address, user agent and device. The auth server reads them only if the
 * request also has a valid `frontendCredential`. Otherwise it ignores them.
 */
export const headers = {
  frontendCredential: 'sallyport-frontend',
  clientAddress: 'sallyport-client-address',
  clientUserAgent: 'sallyport-client-user-agent',
  /** The opaque value of the device cookie, in requests and responses. With it, the auth server recognizes a browser. */
  device: 'sallyport-device',
  requestId: 'x-request-id',
} as const
