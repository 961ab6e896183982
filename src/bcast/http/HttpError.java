package bcast.http;

/** A request that is answered with an error. */
final class HttpError extends Exception {

    private static final long serialVersionUID = 1;

    final int status;
    final String code;

    HttpError(int status, String code, String msg) {
        // No stack trace: it is an answer to a client, and clients can cause many.
        super(msg, null, false, false);
        this.status = status;
        this.code = code;
    }
}
