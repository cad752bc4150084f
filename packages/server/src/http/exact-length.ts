const exact = new WeakSet<Request>()

/** Records that the body of a request cannot be longer than its `Content-Length`, because Node's HTTP parser stops reading there. */
export function noteExactLength(request: Request): void {
  exact.add(request)
}

/** Returns whether the body of a request cannot be longer than its `Content-Length`. A small body may then be read in one step. */
export function hasExactLength(request: Request): boolean {
  return exact.has(request) && request.headers.has('content-length')
}
