package bcast.http.server;

import bcast.data.JsonText;

/** A request that is answered with an error. */
public final class HttpError extends Exception {

    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;

    /**
     * An error.
     *
     * @param status the HTTP status
     * @param code the reason, one word for programs
     * @param msg the reason, a sentence for people
     */
    public HttpError(int status, String code, String msg) {
        // No stack trace: it is an answer to a client, and clients can cause many.
        super(msg, null, false, false);
        this.status = status;
        this.code = code;
    }

    /** {@return the HTTP status} */
    public int status() {
        return status;
    }

    /** {@return the reason for programs} */
    public String code() {
        return code;
    }

    /** {@return the body of the answer} */
    public String json() {
        return json(code, getMessage());
    }

    /**
     * The body of an answer that reports a failure.
     *
     * @param code the reason for programs
     * @param msg the reason for people
     * @return one JSON object
     */
    public static String json(String code, String msg) {
        return "{\"result\":false,\"msg\":" + JsonText.quote(msg) + ",\"code\":\"" + code + "\"}";
    }
}
