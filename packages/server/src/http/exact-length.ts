const exact = new WeakSet<Request>()

/** Records that the body of a request cannot be longer than its `Content-Length`, because Node's HTTP parser stops reading there. */
export function noteExactLength(request: Request): void {
  exact.add(request)
}

/** Returns whether the length of a request's body is known for certain. Then a small body may be read at once. */
export function hasExactLength(request: Request): boolean {
  return exact.has(request) && request.headers.has('content-length')
}
