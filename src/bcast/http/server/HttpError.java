package bcast.http.server;

import bcast.data.JsonText;

/** A request, or one record of it, that is answered with an error. */
public final class HttpError extends Exception {

    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;

    /** An error with its HTTP status, one word for programs, and a sentence for people. */
    public HttpError(int status, String code, String msg) {
        // No stack trace: it is an answer to a client, and clients can cause many.
        super(msg, null, false, false);
        this.status = status;
        this.code = code;
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    /** The body of the answer. */
    public String json() {
        return json(code, getMessage());
    }

    /** The body of an answer that reports a failure. */
    public static String json(String code, String msg) {
        return "{\"result\":false,\"msg\":" + JsonText.quote(msg) + ",\"code\":\"" + code + "\"}";
    }
}
