/** What a servlet or filter throws to say that it cannot answer a request; `cause` tells why. */
export class ServletException extends Error {
  override name = 'ServletException';
}

/**
 * Says that a servlet cannot be used (Jakarta Servlet section 2.3.3.2): for `seconds`, in which requests are
 * answered 503 with `Retry-After`, or from now on, in which they are answered 404.
 */
export class UnavailableException extends ServletException {
  override name = 'UnavailableException';
  /** Seconds until it may work again; null for never. */
  readonly seconds: number | null;

  constructor(message: string, seconds: number | null = null) {
    super(message);
    this.seconds = seconds;
  }
}

/** Something was asked of a request, a response or a session that its state does not allow. */
export class IllegalStateException extends Error {
  override name = 'IllegalStateException';
}

/** The client left before its request was answered, or broke off its body. */
export class ClientAbortException extends Error {
  override name = 'ClientAbortException';
}

/** A request body, or a part of it, is larger than the application takes, or has more parts or parameters. Answered with 413. */
export class BodyTooLargeException extends IllegalStateException {
  override name = 'BodyTooLargeException';
}

/** A request body is not what its `Content-Type` says. Answered with 400. */
export class MalformedBodyException extends IllegalStateException {
  override name = 'MalformedBodyException';
}
